import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { type Keyring, serverKeyFor } from '../../lib/keys/keyring'
import { checkTrustList, findPeer, parseTrustList } from '../../lib/keys/trust-list'

const own = generateKeyPair()
const porch = { name: 'porch', publicKey: generateKeyPair().publicKey }
const yard = { name: 'yard', publicKey: generateKeyPair().publicKey }
const codes = (peers: { name: string; publicKey: string }[]) =>
  checkTrustList(peers, own.publicKey).map(({ index, code }) => [index, code])

describe('trust list', () => {
  test('a sound list has no problems', () => {
    assert.deepEqual(codes([]), [])
    assert.deepEqual(codes([porch, yard, { name: 'Porch', publicKey: generateKeyPair().publicKey }]), [])
  })

  test('each problem is told with its entry', () => {
    assert.deepEqual(codes([porch, { ...yard, name: ' ' }]), [[1, 'NETGEAR_TRUSTED_NAME_MISSING']])
    assert.deepEqual(codes([porch, { ...yard, name: ' porch ' }]), [[1, 'NETGEAR_TRUSTED_NAME_DUPLICATE']])
    assert.deepEqual(codes([{ ...porch, publicKey: 'key' }]), [[0, 'NETGEAR_TRUSTED_KEY_INVALID']])
    assert.deepEqual(codes([porch, { ...porch, name: 'twin' }]), [[1, 'NETGEAR_TRUSTED_KEY_DUPLICATE']])
    assert.deepEqual(codes([{ name: 'me', publicKey: own.publicKey }]), [[0, 'NETGEAR_TRUSTED_KEY_OWN']])
    assert.deepEqual(codes([{ name: '', publicKey: '' }]), [
      [0, 'NETGEAR_TRUSTED_NAME_MISSING'],
      [0, 'NETGEAR_TRUSTED_KEY_INVALID'],
    ])
  })

  test('a secret key in the place of a public one is not repeated', () => {
    const secret = own.secretKey.slice(1)
    const messages = checkTrustList([{ name: 'x', publicKey: secret }]).map(({ message }) => message)
    assert.equal(messages.length, 1)
    assert.ok(!messages[0]?.includes(secret))
  })

  test('parsing trims, names the bad entry, and refuses what is no list', () => {
    assert.deepEqual(parseTrustList([{ name: ' porch ', publicKey: `${porch.publicKey}\n` }]), [porch])
    assert.throws(() => parseTrustList([porch, { name: 'shed', publicKey: '' }]), {
      code: 'NETGEAR_TRUSTED_KEY_INVALID',
      message: /Entry 2 .*shed/,
    })
    for (const damaged of [undefined, null, '', {}, [null], ['x'], [{ name: 'x' }], [{ name: 1, publicKey: 'x' }]]) {
      assert.throws(() => parseTrustList(damaged), { code: 'NETGEAR_TRUST_LIST_INVALID' })
    }
  })

  test('a peer is found by name and by key', () => {
    assert.equal(findPeer([porch, yard], 'yard'), yard)
    assert.equal(findPeer([porch, yard], porch.publicKey), porch)
    assert.equal(findPeer([porch, yard], 'Yard'), undefined)
  })

  test('a key finds its owner even if somebody is called like it', () => {
    const impostor = { name: porch.publicKey, publicKey: yard.publicKey }
    assert.equal(findPeer([impostor, porch], porch.publicKey), porch)
  })
})

describe('whose key the other end must prove', () => {
  const keyring = (...trusted: Keyring['trusted']): Keyring => ({ own, trusted })
  const ourselves = { name: '', publicKey: own.publicKey }

  test('the peer of that name or key', () => {
    assert.equal(serverKeyFor(keyring(porch, yard), ' yard '), yard)
    assert.equal(serverKeyFor(keyring(porch, yard), yard.publicKey), yard)
    assert.deepEqual(serverKeyFor(keyring(porch), own.publicKey), ourselves)
  })

  test('nothing said: the only other one there is, else ourselves', () => {
    assert.equal(serverKeyFor(keyring(porch), ''), porch)
    assert.equal(serverKeyFor(keyring({ name: 'me', publicKey: own.publicKey }, porch), ''), porch)
    assert.deepEqual(serverKeyFor(keyring(), ''), ourselves)
    assert.deepEqual(serverKeyFor(keyring(porch, yard), ''), ourselves)
  })

  test('an unknown one is refused, with the names there are', () => {
    assert.throws(() => serverKeyFor(keyring(porch, yard), 'attic'), {
      code: 'NETGEAR_PEER_UNKNOWN',
      message: /“attic”.*“porch”, “yard”/,
    })
    assert.throws(() => serverKeyFor(keyring(), 'attic'), {
      code: 'NETGEAR_PEER_UNKNOWN',
      message: /Nobody is trusted/,
    })
  })

  test('a key that is not trusted is refused without being repeated', () => {
    assert.throws(
      () => serverKeyFor(keyring(porch), own.secretKey),
      (error: Error & { code: string }) =>
        error.code === 'NETGEAR_PEER_UNKNOWN' && !error.message.includes(own.secretKey),
    )
  })
})
