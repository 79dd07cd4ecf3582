import { createHash, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { NetgearError } from '../wire/error'
import { z85Decode, z85Encode } from './z85'

/** A CURVE key pair, both keys in Z85. */
export interface KeyPair {
  publicKey: string
  secretKey: string
}

// What stands before the 32 bytes of an X25519 key in PKCS #8 (RFC 8410).
const PKCS8_X25519_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const CROCKFORD_BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * A fresh key pair. No key in Z85 can begin with `$` (its first five characters would stand for more than 32 bits), so none reads
 * like the `${…}` or `$(…)` that Node-RED takes for an environment variable.
 */
export function generateKeyPair(): KeyPair {
  const secretKey = z85Encode(randomBytes(32))
  return { publicKey: publicKeyOf(secretKey), secretKey }
}

/**
 * The public key that belongs to a secret key.
 *
 * @throws NetgearError `NETGEAR_SECRET_KEY_INVALID` if the secret key is not Z85; the message never repeats it
 */
export function publicKeyOf(secretKey: string): string {
  const secret = decodeSecret(secretKey)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_X25519_PREFIX, secret]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return z85Encode(spki.subarray(-32))
}

/**
 * A short form of a public key to compare by voice: 80 bits of its SHA-256 as four groups of four characters
 * that are hard to confuse (Crockford base 32), such as `7Q2M-K4ZD-0A9T-XWJ3`.
 *
 * @throws NetgearError `NETGEAR_KEY_NOT_Z85`
 */
export function fingerprint(publicKey: string): string {
  const hash = createHash('sha256').update(z85Decode(publicKey)).digest()
  let bits = hash.readBigUInt64BE(0) * 65536n + BigInt(hash.readUInt16BE(8))
  let text = ''
  for (let i = 0; i < 16; i++) {
    text = CROCKFORD_BASE32.charAt(Number(bits % 32n)) + text
    bits /= 32n
  }
  return text.replace(/(.{4})(?=.)/g, '$1-')
}

function decodeSecret(secretKey: string): Uint8Array {
  try {
    return z85Decode(secretKey)
  } catch {
    throw new NetgearError(
      'NETGEAR_SECRET_KEY_INVALID',
      'The secret key is not a key: 40 Z85 characters are expected. Generate a new pair, or copy the whole secret key again.',
    )
  }
}
