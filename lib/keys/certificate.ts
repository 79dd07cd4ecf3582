import { NetgearError } from '../wire/error'
import { isZ85Key } from './z85'

/** The keys that a certificate file holds, in Z85. */
export interface Certificate {
  publicKey?: string
  secretKey?: string
}

/**
 * Reads the text of a key file (a ZeroMQ certificate, ZPL) as pyzmq and so NetGear read it: lines that begin with `#` are skipped,
 * `public-key` and `secret-key` count wherever they stand, blanks and quotes around a value do not.
 *
 * @throws NetgearError `NETGEAR_CERTIFICATE_EMPTY` if the text is blank; `NETGEAR_CERTIFICATE_WITHOUT_KEY` if it holds neither
 * key; `NETGEAR_CERTIFICATE_KEY_INVALID` if one is not Z85. No message repeats a key.
 */
export function parseCertificate(text: string): Certificate {
  const certificate: Certificate = {}
  for (const line of text.split('\n')) {
    const entry = line.trim()
    if (entry.startsWith('public-key')) certificate.publicKey = keyIn(entry, 'public')
    else if (entry.startsWith('secret-key')) certificate.secretKey = keyIn(entry, 'secret')
    if (certificate.publicKey !== undefined && certificate.secretKey !== undefined) break
  }
  if (certificate.publicKey === undefined && certificate.secretKey === undefined) {
    if (text.trim() === '') {
      throw new NetgearError('NETGEAR_CERTIFICATE_EMPTY', 'The certificate is empty, it holds no key.')
    }
    throw new NetgearError(
      'NETGEAR_CERTIFICATE_WITHOUT_KEY',
      'The certificate has neither a public-key nor a secret-key line. Expected is a file as pyzmq and NetGear write it.',
    )
  }
  return certificate
}

/** The text of a public key file (`*.key`), as pyzmq and NetGear read it. */
export function formatPublicCertificate(publicKey: string, date: Date): string {
  return `#   ****  Written ${timestamp(date)} by node-red-netgear  ****
#   CURVE certificate of ZeroMQ: a public key.
#   Give it to the peers that shall trust this key, and let them compare its fingerprint with you.

metadata
curve
    public-key = "${publicKey}"
`
}

/** The text of a secret key file (`*.key_secret`), as pyzmq and NetGear read it. */
export function formatSecretCertificate(pair: Required<Certificate>, date: Date): string {
  return `#   ****  Written ${timestamp(date)} by node-red-netgear  ****
#   CURVE certificate of ZeroMQ: a SECRET key.
#   Keep it on this machine, readable by its owner only (mode 0600). Give it to nobody.

metadata
curve
    public-key = "${pair.publicKey}"
    secret-key = "${pair.secretKey}"
`
}

function keyIn(entry: string, kind: 'public' | 'secret'): string {
  const equals = entry.indexOf('=')
  const value = equals < 0 ? '' : entry.slice(equals + 1)
  const key = /[^ \t'"](?:.*[^ \t'"])?/.exec(value)?.[0] ?? ''
  if (!isZ85Key(key)) {
    throw new NetgearError(
      'NETGEAR_CERTIFICATE_KEY_INVALID',
      `The ${kind}-key line of the certificate holds no key: 40 Z85 characters in quotes are expected. Copy the file again.`,
    )
  }
  return key
}

function timestamp(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', ' UTC')
}
