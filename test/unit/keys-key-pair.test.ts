import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { curveKeyPair } from 'zeromq'
import { fingerprint, generateKeyPair, publicKeyOf } from '../../lib/keys/key-pair'
import { isZ85Key, z85Decode, z85Encode } from '../../lib/keys/z85'

const key32 = () => fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('z85', () => {
  test('decoding gives back what was encoded', () => {
    fc.assert(
      fc.property(key32(), (key) => {
        const text = z85Encode(key)
        assert.equal(text.length, 40)
        assert.deepEqual(z85Decode(text), key)
      }),
      { numRuns: 200 },
    )
  })

  test('the example of ZeroMQ RFC 32, four times', () => {
    const bytes = Uint8Array.from([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b])
    const key = Uint8Array.from([...bytes, ...bytes, ...bytes, ...bytes])
    assert.equal(z85Encode(key), 'HelloWorld'.repeat(4))
  })

  test('encodes a view into a larger buffer', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i)
    assert.deepEqual(z85Decode(z85Encode(bytes.subarray(5, 37))), bytes.slice(5, 37))
  })

  test('no text but 40 Z85 characters is a key', () => {
    const good = curveKeyPair().publicKey
    assert.equal(isZ85Key(good), true)
    for (const bad of ['', good.slice(1), `${good}0`, ` ${good.slice(1)}`, `${good.slice(1)}"`, '#'.repeat(40)]) {
      assert.equal(isZ85Key(bad), false, bad)
    }
    assert.equal(isZ85Key(`${good.slice(2)}😀`), false)
  })

  test('the error does not repeat the text, which may be a secret', () => {
    const secret = `${curveKeyPair().secretKey.slice(0, 39)}~`
    assert.throws(
      () => z85Decode(secret),
      (error: Error & { code: string }) =>
        error.code === 'NETGEAR_KEY_NOT_Z85' && !error.message.includes(secret.slice(0, 8)),
    )
  })

  test('only 32 bytes are encoded', () => {
    assert.throws(() => z85Encode(new Uint8Array(31)), { code: 'NETGEAR_KEY_LENGTH' })
  })
})

describe('key pairs', () => {
  test('the public key of a secret key is the one that ZeroMQ makes', () => {
    for (let i = 0; i < 20; i++) {
      const pair = curveKeyPair()
      assert.equal(publicKeyOf(pair.secretKey), pair.publicKey)
    }
  })

  test('a generated pair belongs together, and no two are the same', () => {
    const one = generateKeyPair()
    assert.equal(publicKeyOf(one.secretKey), one.publicKey)
    assert.notEqual(generateKeyPair().secretKey, one.secretKey)
  })

  test('no key can read as an environment variable', () => {
    assert.equal(isZ85Key(`\${${'0'.repeat(37)}}`), false)
    assert.equal(isZ85Key(`$(${'0'.repeat(37)})`), false)
    assert.equal(z85Encode(new Uint8Array(32).fill(0xff)).startsWith('%'), true)
  })

  test('a secret key that is none is refused without being repeated', () => {
    const secret = curveKeyPair().secretKey.slice(1)
    assert.throws(
      () => publicKeyOf(secret),
      (error: Error & { code: string }) =>
        error.code === 'NETGEAR_SECRET_KEY_INVALID' && !error.message.includes(secret.slice(0, 8)),
    )
  })

  test('the fingerprint is Crockford base 32 of the first 80 bits of SHA-256', () => {
    assert.equal(fingerprint('8YMQX@Y]g?jlKI7xyt%b^gt#-nz*B}<NaxF]son$'), 'YE5V-392P-CKRC-9FWB')
    assert.match(fingerprint(generateKeyPair().publicKey), /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/)
  })
})
