import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateKeyPair, type KeyPair, type LinkSecurity, openReceiver, openSender } from '../../lib'
import { freePort } from '../free-port'
import { Gathered, jpegOf } from '../links'

function ironhouse(own: KeyPair, name: string, other: KeyPair): LinkSecurity {
  return { level: 'ironhouse', keyring: { own, trusted: [{ name, publicKey: other.publicKey }] } }
}

test('two plain programs exchange frames over IronHouse with nothing but a port and keys', async () => {
  const [here, there] = [generateKeyPair(), generateKeyPair()]
  const port = await freePort()
  const frames = new Gathered<Buffer>()
  const receiver = openReceiver({
    port,
    security: ironhouse(here, 'cam', there),
    onFrame: ({ body }) => frames.add(body),
  })
  const connected = new Gathered<string>()
  const sender = openSender({
    port: String(port),
    security: ironhouse(there, 'hub', here),
    onEvent: ({ event }) => connected.add(event),
  })
  await connected.first((event) => event === 'connected')
  sender.send({ encoding: 'jpeg', body: jpegOf('hello') })
  assert.deepEqual(await frames.first(() => true), jpegOf('hello'))
  await Promise.all([sender.close(), receiver.close()])
})

test('options that cannot work are refused at once', () => {
  assert.throws(() => openSender({ port: 'x', security: { level: 'grassland' } }), { code: 'NETGEAR_PORT' })
  assert.throws(() => openSender({ mode: 'connect', address: '*', security: { level: 'grassland' } }), {
    code: 'NETGEAR_ADDRESS',
  })
})
