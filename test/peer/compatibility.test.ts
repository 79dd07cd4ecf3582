import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

const ROOT = join(__dirname, '../..')
const PARAMETERS = ['address', 'port', 'protocol', 'pattern', 'receive_mode', 'logging']
const OPTIONS = [
  ...['multiserver_mode', 'multiclient_mode', 'bidirectional_mode'],
  ...['secure_mode', 'custom_cert_location', 'overwrite_cert'],
  ...['ssh_tunnel_mode', 'ssh_tunnel_pwd', 'ssh_tunnel_keyfile'],
  ...['jpeg_compression', 'jpeg_compression_quality', 'jpeg_compression_fastdct', 'jpeg_compression_fastupsample'],
  ...['max_retries', 'request_timeout', 'subscriber_timeout', 'flag', 'copy', 'track'],
]

const rows = readFileSync(join(ROOT, 'docs/compatibility.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| *(-|NetGear +\||imagezmq +\|)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe('the table of what NetGear can be set to', () => {
  test('has every parameter and option', () => {
    const named = new Set(
      rows.flatMap(([, netgear]) => [...(netgear ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => name)),
    )
    assert.deepEqual(
      [...PARAMETERS, ...OPTIONS].filter((name) => !named.has(name)),
      [],
    )
  })

  for (const [, netgear = '', , , tests = ''] of rows) {
    test(`${netgear} is held by tests that exist`, () => {
      const references = tests.split('<br>').map((reference) => /^`([\w-]+\/[\w-]+)`: (.+)$/.exec(reference))
      for (const reference of references) {
        assert.ok(reference, `no test is named in "${tests}"`)
        const [, file, words = ''] = reference
        const path = join(ROOT, `test/${file}.test.ts`)
        assert.ok(existsSync(path), `${path} is not there`)
        assert.ok(readFileSync(path, 'utf8').includes(words), `${file} has no test with the words "${words}"`)
      }
    })
  }
})
