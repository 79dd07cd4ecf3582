import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { formatPublicCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { NetgearError } from '../../lib/wire/error'
import type { KeysNode } from '../../nodes/netgear-keys/keys-node'
import { logged, startKeysNode, stopRuntime } from './netgear-keys-flow'

const own = generateKeyPair()
const porch = { name: 'porch', publicKey: generateKeyPair().publicKey }

afterEach(() => stopRuntime())

describe('keys stored in Node-RED', () => {
  test('are the same for both roles; white space around them does not count', async () => {
    const node = await startKeysNode(
      { publicKey: own.publicKey, trusted: [{ ...porch, name: ' porch' }] },
      `${own.secretKey}\n`,
    )
    assert.deepEqual(node.keyring('sender'), { own, trusted: [porch] })
    assert.deepEqual(node.keyring('receiver'), { own, trusted: [porch] })
    assert.doesNotMatch(logged(), /"type":"netgear-keys"/)
  })

  test('come from environment variables, too', async () => {
    process.env.NETGEAR_TEST_SECRET = own.secretKey
    process.env.NETGEAR_TEST_PORCH = porch.publicKey
    const trusted = [{ name: 'porch', publicKey: `\${NETGEAR_TEST_PORCH}` }]
    const node = await startKeysNode({ trusted }, `\${NETGEAR_TEST_SECRET}`)
    assert.deepEqual(node.keyring('receiver'), { own, trusted: [porch] })
  })

  test('a saved public key of another pair is warned of once, and not used', async () => {
    const node = await startKeysNode({ publicKey: porch.publicKey }, own.secretKey)
    assert.equal(node.keyring('receiver').own.publicKey, own.publicKey)
    node.keyring('sender')
    assert.equal(logged().split('The saved public key does not belong').length - 1, 1)
    assert.equal(logged().includes(own.secretKey), false)
  })

  test('our own key in the list of trusted ones is harmless, and warned of', async () => {
    const node = await startKeysNode({ trusted: [porch, { name: 'me', publicKey: own.publicKey }] }, own.secretKey)
    assert.equal(node.keyring('receiver').trusted.length, 2)
    assert.match(logged(), /own public key/)
  })

  const broken: [string, object, string | undefined, string, RegExp][] = [
    ['no secret key', {}, undefined, 'NETGEAR_SECRET_KEY_MISSING', /“gate”/],
    ['a blank secret key', {}, ' ', 'NETGEAR_SECRET_KEY_MISSING', /“gate”/],
    ['half a secret key', {}, own.secretKey.slice(20), 'NETGEAR_SECRET_KEY_INVALID', /“gate”/],
    [
      'a bad trusted key',
      { trusted: [porch, { name: 'shed', publicKey: 'x' }] },
      own.secretKey,
      'NETGEAR_TRUSTED_KEY_INVALID',
      /shed/,
    ],
    [
      'two peers of one name',
      { trusted: [porch, { ...own, name: 'porch' }] },
      own.secretKey,
      'NETGEAR_TRUSTED_NAME_DUPLICATE',
      /porch/,
    ],
    ['no list of trusted peers', { trusted: null }, own.secretKey, 'NETGEAR_TRUST_LIST_INVALID', /nobody/],
    ['an unknown source', { source: 'vault' }, own.secretKey, 'NETGEAR_KEYS_SOURCE_UNKNOWN', /vault/],
    [
      'a relative directory',
      { source: 'directory', directory: 'my/keys' },
      undefined,
      'NETGEAR_KEY_DIRECTORY_RELATIVE',
      /keys/,
    ],
  ]
  for (const [what, options, secretKey, code, message] of broken) {
    test(`${what}: no keys at all, and the secret in no text`, async () => {
      const node = await startKeysNode(options, secretKey)
      for (const role of ['sender', 'receiver'] as const) {
        assert.throws(
          () => node.keyring(role),
          (error: unknown) => {
            assert.ok(error instanceof NetgearError)
            assert.equal(error.code, code)
            assert.match(error.message, message)
            if (secretKey?.trim()) assert.equal(`${error.message}${logged()}`.includes(secretKey), false)
            return true
          },
        )
      }
    })
  }
})

describe('keys in a directory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netgear-keys-'))
  const keys = join(folder, '.vidgear', 'keys')
  const start = () => startKeysNode({ source: 'directory', directory: folder })
  const addCamera = () => {
    writeFileSync(join(keys, 'new'), formatPublicCertificate(porch.publicKey, new Date()))
    renameSync(join(keys, 'new'), join(keys, 'public_keys', 'porch.key'))
  }
  const changeOf = (node: KeysNode) =>
    new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no change was told within 5 s')), 5000)
      const unsubscribe = node.onKeysChanged(() => {
        clearTimeout(late)
        unsubscribe()
        resolve()
      })
    })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('each role has its own pair and trusts the other', async () => {
    ensureKeyDirectory(keys)
    const node = await start()
    const { own: sender, trusted } = node.keyring('sender')
    assert.deepEqual(trusted, [{ name: 'server', publicKey: node.keyring('receiver').own.publicKey }])
    assert.deepEqual(node.keyring('receiver').trusted, [{ name: 'client', publicKey: sender.publicKey }])
  })

  test('a change is told within a second, and the keys then are the new ones', async () => {
    ensureKeyDirectory(keys)
    const node = await start()
    assert.equal(node.keyring('receiver').trusted.length, 1)
    const change = changeOf(node)
    const begin = performance.now()
    addCamera()
    await change
    assert.ok(performance.now() - begin < 1000)
    assert.deepEqual(node.keyring('receiver').trusted[1], porch)
  })

  test('keys that become unusable are told of, and so are keys that become usable', async () => {
    ensureKeyDirectory(keys)
    const node = await start()
    node.keyring('receiver')
    const lost = changeOf(node)
    rmSync(join(keys, 'public_keys'), { recursive: true })
    await lost
    assert.throws(() => node.keyring('receiver'), { code: /^NETGEAR_KEY_/ })
    rmSync(keys, { recursive: true })
    const found = changeOf(node)
    ensureKeyDirectory(keys)
    await found
  })

  test('one listener that throws does not keep the others from being told', async () => {
    ensureKeyDirectory(keys)
    const node = await start()
    node.keyring('receiver')
    node.onKeysChanged(() => {
      throw new Error('a broken listener')
    })
    const change = changeOf(node)
    addCamera()
    await change
    assert.match(logged(), /a broken listener/)
  })

  test('neither after unsubscribing nor after a close is anything told', async () => {
    ensureKeyDirectory(keys)
    const node = await start()
    node.keyring('receiver')
    let told = 0
    const unsubscribe = node.onKeysChanged(() => told++)
    unsubscribe()
    const change = changeOf(node)
    addCamera()
    await change
    assert.equal(told, 0)

    node.keyring('receiver')
    node.onKeysChanged(() => told++)
    await stopRuntime()
    rmSync(join(keys, 'public_keys', 'porch.key'))
    // By the time that a second node has seen two changes, the first would have seen one.
    const witness = await start()
    for (const step of [addCamera, () => rmSync(join(keys, 'public_keys', 'porch.key'))]) {
      witness.keyring('receiver')
      const seen = changeOf(witness)
      step()
      await seen
    }
    assert.equal(told, 0)
  })
})
