import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { locateKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { serverKeyFor } from '../../lib/keys/keyring'
import { CURLED, quoted } from '../../lib/keys/quoted'
import { parseTrustList } from '../../lib/keys/trust-list'
import { checkAddress, leavesMachine, parsePorts } from '../../lib/link/endpoint'
import { choiceSetting, numberSetting } from '../../nodes/link-settings'
import { sshTunnel } from '../../nodes/netgear-out/ssh-settings'

const own = generateKeyPair()

/** How a secret key may get into a field. */
const DISGUISES: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => ` ${key}\n`,
  (key) => `"${key}"`,
  (key) => `'${key}'`,
  (key) => `secret-key = "${key}"`,
  (key) => `metadata\ncurve\n    public-key = "${own.publicKey}"\n    secret-key = "${key}"\n`,
  (key) => key.slice(0, 39),
  (key) => key.slice(1),
  (key) => `${key}${key}`,
]

/** The fields that tell what was typed. */
const FIELDS: readonly ((text: string) => unknown)[] = [
  (text) => serverKeyFor({ own, trusted: [] }, text),
  (text) => serverKeyFor({ own, trusted: [{ name: text, publicKey: own.publicKey }] }, 'nobody'),
  (text) => parseTrustList([{ name: text, publicKey: 'none' }]),
  (text) => locateKeyDirectory(text),
  (text) => parsePorts(text),
  (text) => checkAddress({ protocol: 'tcp', address: text, port: 1 }, 'bind'),
  (text) => checkAddress({ protocol: 'tcp', address: text, port: 1 }, 'connect'),
  (text) => checkAddress({ protocol: 'ipc', address: text, port: 1 }, 'bind'),
  (text) => numberSetting('Max fps', text, 0, 0, 10),
  (text) => choiceSetting('Pattern', text, ['pubsub']),
  (text) => sshTunnel({ sshHost: 'pi@cam', sshKeyFile: text } as never, undefined),
]

function messageOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof Error)
    return error.message
  }
  return assert.fail('no error')
}

describe('what a user typed, in an error', () => {
  test('never is a secret key, in whatever field and disguise it was pasted', () => {
    for (let n = 0; n < 50; n += 1) {
      const { secretKey } = generateKeyPair()
      for (const disguise of DISGUISES) {
        for (const field of FIELDS) {
          const message = messageOf(() => field(disguise(secretKey)))
          for (let at = 0; at + 20 <= secretKey.length; at += 1)
            assert.ok(!message.includes(secretKey.slice(at, at + 20)), `of ${secretKey}: ${message}`)
        }
      }
    }
  })

  test('is shown as it is where it is no key', () => {
    for (const text of [
      '',
      'attic',
      'tcp://192.168.100.100:5555',
      'ec2-203-0-113-25.eu-west-1.compute.amazonaws.com',
      'BackyardCamera.MyHomeNetwork.example.com',
      'DESKTOP-4F7K2LQ.office.example.com',
      '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
      '5555,5556,5557,5558,5559,5560,5561,5562',
      'var/lib/nodered/cameras/backyard/keys',
      'the camera above the door of the garage',
    ]) {
      assert.equal(quoted(text), `"${text}"`)
      assert.equal(quoted(text, CURLED), `“${text}”`)
    }
  })

  test('a path of the letters of a key is one where its first folder exists', () => {
    const { secretKey } = generateKeyPair()
    const name = secretKey.replaceAll(/[^a-zA-Z0-9]/g, 'x')
    const path = join(tmpdir(), name)
    assert.equal(locateKeyDirectory(path), join(path, '.vidgear', 'keys'))
    checkAddress({ protocol: 'ipc', address: path, port: 1 }, 'bind')
    assert.throws(() => checkAddress({ protocol: 'ipc', address: name, port: 1 }, 'bind'), { code: 'NETGEAR_ADDRESS' })
  })
})

test('only addresses of this machine stay on it', () => {
  const leaves = (address: string) => leavesMachine({ protocol: 'tcp', address, port: 1 })
  for (const address of ['localhost', '127.0.0.1', '127.8.8.8', '::1', '[::1]']) assert.equal(leaves(address), false)
  for (const address of ['127.evil.example', '127.0.0.1.example', '127.1', '128.0.0.1', '*', 'cam'])
    assert.equal(leaves(address), true, address)
})
