import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { unzipSync } from 'fflate'
import type { NodeAPI } from 'node-red'
import { parseCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory, readKeyDirectory } from '../../lib/keys/directory'
import { fingerprint, generateKeyPair, publicKeyOf } from '../../lib/keys/key-pair'
import { registerKeysAdmin } from '../../nodes/netgear-keys/admin'
import { type Answer, logged, post, startKeysNode, stopRuntime } from './netgear-keys-flow'

const own = generateKeyPair()
let folder: string
let keys: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netgear-keys-'))
  keys = join(folder, '.vidgear', 'keys')
  await startKeysNode({ publicKey: own.publicKey }, own.secretKey)
})
afterEach(async () => {
  await stopRuntime()
  rmSync(folder, { recursive: true })
})

const refused = (answer: Answer, code: string) => {
  assert.equal(answer.status, 400, answer.text)
  assert.equal(answer.body.code, code)
  assert.deepEqual(Object.keys(answer.body).sort(), ['code', 'message'])
}
const secretsIn = (path: string) =>
  ['server', 'client'].map(
    (name) =>
      parseCertificate(readFileSync(join(path, 'private_keys', `${name}.key_secret`), 'utf8')).secretKey ??
      assert.fail(),
  )

describe('keys by the admin side', () => {
  test('a fresh pair, once; nothing of it in the log, nor is it kept by a browser', async () => {
    const { status, headers, body } = await post('key-pair')
    assert.equal(status, 200)
    assert.equal(headers['cache-control'], 'no-store')
    const secretKey = String(body.secretKey)
    const publicKey = publicKeyOf(secretKey)
    assert.deepEqual(body, { publicKey, secretKey, fingerprint: fingerprint(publicKey) })
    const later = await post('public-key', { secretKey: ` ${secretKey}\n` })
    assert.deepEqual(later.body, { publicKey, fingerprint: fingerprint(publicKey) })
    assert.equal(later.headers['cache-control'], 'no-store')
    assert.equal(logged().includes(secretKey), false)
  })

  test('the fingerprint of a public key', async () => {
    const { body } = await post('fingerprint', { publicKey: own.publicKey })
    assert.deepEqual(body, { fingerprint: fingerprint(own.publicKey) })
  })

  test('what is no key is refused and not repeated', async () => {
    const half = own.secretKey.slice(0, 30)
    for (const [path, body, code] of [
      ['public-key', { secretKey: half }, 'NETGEAR_SECRET_KEY_INVALID'],
      ['fingerprint', { publicKey: half }, 'NETGEAR_KEY_NOT_Z85'],
      ['public-key', { secretKey: 5 }, 'NETGEAR_REQUEST_INVALID'],
      ['public-key', [], 'NETGEAR_REQUEST_INVALID'],
      ['directory', {}, 'NETGEAR_REQUEST_INVALID'],
    ] as const) {
      const answer = await post(path, body)
      refused(answer, code)
      assert.equal(answer.text.includes(half), false)
      assert.equal(answer.headers['cache-control'], 'no-store')
    }
  })
})

describe('a key directory by the admin side', () => {
  test('is made on demand, reported with public keys only, and not made twice', async () => {
    const before = await post('directory', { directory: folder })
    assert.equal(before.status, 200)
    assert.equal(before.body.path, keys)
    assert.match(String(before.body.error), /does not exist/)
    assert.equal(existsSync(keys), false)

    const made = await post('directory/create', { directory: folder })
    const secrets = secretsIn(keys)
    const sender = readKeyDirectory(keys, 'sender').keyring.own.publicKey
    const receiver = readKeyDirectory(keys, 'receiver').keyring.own.publicKey
    const report = (publicKey: string) => ({ publicKey, fingerprint: fingerprint(publicKey) })
    assert.deepEqual(made.body, {
      path: keys,
      files: [
        { name: 'public_keys/server.key', present: true, publicKey: receiver },
        { name: 'public_keys/client.key', present: true, publicKey: sender },
        { name: 'private_keys/server.key_secret', present: true, publicKey: receiver },
        { name: 'private_keys/client.key_secret', present: true, publicKey: sender },
      ],
      own: { receiver: report(receiver), sender: report(sender) },
      trusted: [
        { name: 'client', ...report(sender) },
        { name: 'server', ...report(receiver) },
      ],
      warnings: [],
    })
    const again = await post('directory/create', { directory: folder })
    assert.deepEqual(again.body, made.body)
    for (const secret of secrets) assert.equal(`${made.text}${again.text}${logged()}`.includes(secret), false)
  })

  test('for one role only is no reason to warn; a broken one is', async () => {
    ensureKeyDirectory(keys)
    writeFileSync(join(keys, 'private_keys', 'client.key_secret'), '')
    const oneRole = await post('directory', { directory: keys })
    assert.deepEqual(oneRole.body.warnings, [])
    assert.deepEqual(Object.keys(oneRole.body.own as object), ['receiver'])
    writeFileSync(join(keys, 'private_keys', 'client.key_secret'), 'secret-key = "x"')
    const broken = await post('directory', { directory: keys })
    assert.match(String(broken.body.warnings), /client\.key_secret/)
    assert.equal(broken.body.error, undefined)
    writeFileSync(join(keys, 'public_keys', 'camera.key'), '')
    const unusable = await post('directory', { directory: keys })
    assert.match(String(unusable.body.error), /camera\.key/)
    assert.deepEqual(unusable.body.own, {})
  })

  test('is regenerated only when that is confirmed', async () => {
    ensureKeyDirectory(keys)
    const before = secretsIn(keys)
    refused(await post('directory/regenerate', { directory: folder }), 'NETGEAR_CONFIRMATION_MISSING')
    refused(await post('directory/regenerate', { directory: folder, confirm: 'true' }), 'NETGEAR_CONFIRMATION_MISSING')
    assert.deepEqual(secretsIn(keys), before)
    const done = await post('directory/regenerate', { directory: folder, confirm: true })
    assert.equal(done.status, 200)
    for (const [i, secret] of secretsIn(keys).entries()) {
      assert.notEqual(secret, before[i])
      assert.equal(done.text.includes(secret), false)
    }
  })

  test('an incomplete one is refused by name, and so is a relative path', async () => {
    ensureKeyDirectory(keys)
    rmSync(join(keys, 'public_keys', 'server.key'))
    const answer = await post('directory/create', { directory: folder })
    refused(answer, 'NETGEAR_KEY_DIRECTORY_INCOMPLETE')
    assert.match(String(answer.body.message), /lacks public_keys\/server\.key/)
    refused(await post('directory', { directory: 'keys' }), 'NETGEAR_KEY_DIRECTORY_RELATIVE')
  })
})

describe('a peer kit by the admin side', () => {
  const order = {
    peerName: 'Front door',
    ourPublicKey: own.publicKey,
    ourRole: 'receiver',
    pattern: 'pair',
    security: 'stonehouse',
    address: 'nodered.local',
    port: '5555',
  }

  test("is an archive with the peer's secret and our public key; the header names the peer's public key", async () => {
    const { status, headers, body } = await post('peer-kit', order).responseType('blob')
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'application/zip')
    assert.equal(headers['cache-control'], 'no-store')
    assert.match(String(headers['content-disposition']), /filename="netgear-peer-front-door\.zip"/)
    assert.ok(Buffer.isBuffer(body))
    const files = unzipSync(body)
    const read = (file: string) => Buffer.from(files[`netgear-peer-front-door/${file}`] ?? assert.fail(file)).toString()
    const peer = parseCertificate(read('.vidgear/keys/private_keys/client.key_secret'))
    assert.equal(peer.publicKey, headers['x-netgear-peer-public-key'])
    assert.equal(publicKeyOf(peer.secretKey ?? ''), peer.publicKey)
    assert.equal(parseCertificate(read('.vidgear/keys/public_keys/server.key')).publicKey, own.publicKey)
    for (const bytes of Object.values(files)) assert.equal(Buffer.from(bytes).includes(own.secretKey), false)
    assert.equal(logged().includes(peer.secretKey ?? assert.fail()), false)
  })

  test('what cannot work is refused with the reason', async () => {
    refused(await post('peer-kit', { ...order, address: '*' }), 'NETGEAR_PEER_KIT_ADDRESS')
    refused(await post('peer-kit', { ...order, port: '5555,5556' }), 'NETGEAR_PEER_KIT_PORT')
    refused(await post('peer-kit', { ...order, ourRole: undefined }), 'NETGEAR_REQUEST_INVALID')
  })
})

test('no endpoint is open: each needs the permission to write, those that only look the one to read', () => {
  const permissions: Record<string, string> = {}
  const RED = {
    auth: { needsPermission: (permission: string) => permission },
    httpAdmin: { post: (path: string, permission: string) => (permissions[path] = permission) },
  }
  registerKeysAdmin(RED as unknown as NodeAPI)
  assert.deepEqual(permissions, {
    '/netgear-keys/key-pair': 'netgear-keys.write',
    '/netgear-keys/public-key': 'netgear-keys.read',
    '/netgear-keys/fingerprint': 'netgear-keys.read',
    '/netgear-keys/directory': 'netgear-keys.read',
    '/netgear-keys/directory/create': 'netgear-keys.write',
    '/netgear-keys/directory/regenerate': 'netgear-keys.write',
    '/netgear-keys/peer-kit': 'netgear-keys.write',
  })
})
