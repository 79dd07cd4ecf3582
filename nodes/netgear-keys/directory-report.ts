import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseCertificate } from '../../lib/keys/certificate'
import { KEY_DIRECTORY_FILES, type KeyDirectory, type Role, readKeyDirectory } from '../../lib/keys/directory'
import { readKeyFile } from '../../lib/keys/key-file'
import { fingerprint } from '../../lib/keys/key-pair'
import type { TrustedPeer } from '../../lib/keys/trust-list'
import { NetgearError } from '../../lib/wire/error'

export interface PublicKeyReport {
  publicKey: string
  fingerprint: string
}

/** What the dialog shows of a key directory: public keys only. */
export interface DirectoryReport {
  /** The `keys` folder that was meant. */
  path: string
  /** The four files that NetGear demands, with the public key that each names. */
  files: { name: string; present: boolean; publicKey?: string }[]
  /** Our own public key in each role that the directory serves. */
  own: Partial<Record<Role, PublicKeyReport>>
  /** Whom either role trusts. */
  trusted: (TrustedPeer & PublicKeyReport)[]
  warnings: string[]
  /** Why the directory serves neither role. */
  error?: string
}

const ROLES: readonly Role[] = ['receiver', 'sender']
// A directory made for one role has the other's secret file missing or empty: nothing to warn of.
const ROLE_NOT_PLAYED = new Set<string>(['NETGEAR_KEY_FILE_MISSING', 'NETGEAR_CERTIFICATE_EMPTY'])

/** @param path the `keys` folder, see `locateKeyDirectory`; it need not exist */
export function reportOnDirectory(path: string): DirectoryReport {
  const own: DirectoryReport['own'] = {}
  const trusted = new Map<string, TrustedPeer & PublicKeyReport>()
  const warnings = new Set<string>()
  const errors: NetgearError[] = []
  for (const role of ROLES) {
    const read = tryToRead(path, role)
    if (read instanceof NetgearError) {
      errors.push(read)
      continue
    }
    own[role] = withFingerprint(read.keyring.own.publicKey)
    for (const peer of read.keyring.trusted) trusted.set(peer.name, { ...peer, ...withFingerprint(peer.publicKey) })
    for (const { message } of read.warnings) warnings.add(message)
  }
  const files = KEY_DIRECTORY_FILES.map((name) => reportOnFile(path, name))
  const report = { path, files, own, trusted: [...trusted.values()] }
  const [error] = errors
  if (error && errors.length === ROLES.length) return { ...report, warnings: [...warnings], error: error.message }
  for (const { code, message } of errors) if (!ROLE_NOT_PLAYED.has(code)) warnings.add(message)
  return { ...report, warnings: [...warnings] }
}

export function withFingerprint(publicKey: string): PublicKeyReport {
  return { publicKey, fingerprint: fingerprint(publicKey) }
}

function tryToRead(path: string, role: Role): KeyDirectory | NetgearError {
  try {
    return readKeyDirectory(path, role)
  } catch (error) {
    if (error instanceof NetgearError) return error
    throw error
  }
}

function reportOnFile(path: string, name: string): DirectoryReport['files'][number] {
  const file = join(path, name)
  const present = existsSync(file)
  try {
    const { publicKey } = parseCertificate(readKeyFile(file, 'public').text)
    return publicKey === undefined ? { name, present } : { name, present, publicKey }
  } catch {
    // What is wrong with it stands in the report's error or warnings.
    return { name, present }
  }
}
