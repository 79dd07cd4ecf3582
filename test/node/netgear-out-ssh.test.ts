import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { freePort } from '../free-port'
import { FlowRuntime, helper, netgearOut } from './flow-runtime'

afterEach(() => helper.unload())

test('an SSH server that cannot be reached, or a key file that is not there, is told in words', async () => {
  const nobody = `cam@127.0.0.1:${await freePort()}`
  const runtime = await FlowRuntime.start([
    netgearOut({ name: 'away', sshHost: nobody, sshHostKey: 'SHA256:x', events: true, wires: [['events']] }),
    netgearOut({ id: 'keyless', sshHost: nobody, sshKeyFile: '/nowhere/id_rsa' }),
  ])
  const failed = await runtime.event('failed', 'away')
  assert.equal((failed.payload as { code: string }).code, 'NETGEAR_SSH')
  runtime.send({ payload: Buffer.from([0xff, 0xd8, 0xff, 0xd9]) }, 'keyless')
  const { error } = await runtime.caught.first(() => true)
  assert.equal(error?.code, 'NETGEAR_SSH_KEY_FILE')
})
