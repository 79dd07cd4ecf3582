import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { type ErrorCode, NetgearError } from '../wire/error'
import { formatPublicCertificate, formatSecretCertificate, parseCertificate } from './certificate'
import { type KeyWarning, readKeyFile, writeKeyFile } from './key-file'
import { generateKeyPair, type KeyPair, publicKeyOf } from './key-pair'
import type { Keyring } from './keyring'
import { isPastedKey } from './pasted-key'
import { CURLED, quoted } from './quoted'
import type { TrustedPeer } from './trust-list'

/** Which end of a link the keys are for. */
export type Role = 'sender' | 'receiver'

/** What a key directory holds for one role, and what is doubtful about its files. */
export interface KeyDirectory {
  keyring: Keyring
  warnings: KeyWarning[]
}

/** The four files of a complete key directory, as NetGear 0.3.5 demands them, relative to the `keys` folder. */
export const KEY_DIRECTORY_FILES = [
  'public_keys/server.key',
  'public_keys/client.key',
  'private_keys/server.key_secret',
  'private_keys/client.key_secret',
] as const

// The receiver binds and so is the CURVE server: NetGear names its keys after that.
const OWN_NAME = { sender: 'client', receiver: 'server' } as const
const MAX_TRUSTED_FILES = 1000

/**
 * The `keys` folder that a user means.
 *
 * @param directory empty: `~/.vidgear/keys`; a `keys` folder itself; or what NetGear calls `custom_cert_location`, below which
 * the keys are in `.vidgear/keys`. `~` stands for the home folder
 * @returns an absolute path, which need not exist
 * @throws NetgearError `NETGEAR_KEY_DIRECTORY_RELATIVE`
 */
export function locateKeyDirectory(directory: string): string {
  const wanted = directory.trim()
  if (wanted === '') return join(homedir(), '.vidgear', 'keys')
  const expanded = /^~(?=$|[/\\])/.test(wanted) ? join(homedir(), wanted.slice(1)) : wanted
  const isKey = isPastedKey(expanded)
  if (isKey || !isAbsolute(expanded)) {
    throw new NetgearError(
      'NETGEAR_KEY_DIRECTORY_RELATIVE',
      // A key is not repeated: it may be a secret one, pasted into the wrong field.
      `The key directory ${isKey ? 'is filled in with a key' : `${quoted(wanted, CURLED)} is a relative path`}. Write the whole path, such as /home/pi/.vidgear/keys.`,
    )
  }
  const path = resolve(expanded)
  if (basename(path) === 'keys' && basename(dirname(path)) === '.vidgear') return path
  if (existsSync(join(path, 'public_keys')) || existsSync(join(path, 'private_keys'))) return path
  return basename(path) === '.vidgear' ? join(path, 'keys') : join(path, '.vidgear', 'keys')
}

/**
 * Reads NetGear's key files for one role: our own pair from `private_keys/server.key_secret` (receiver) or
 * `private_keys/client.key_secret` (sender), and as trusted peers every other `public_keys/*.key`, named by its file name.
 *
 * @param path the `keys` folder, see `locateKeyDirectory`
 * @throws NetgearError `NETGEAR_KEY_DIRECTORY_MISSING`, `_INCOMPLETE` or `_TOO_LARGE` (over 1000 public keys);
 * `NETGEAR_KEY_PAIR_MISMATCH`; `NETGEAR_KEY_FILE_…` and `NETGEAR_CERTIFICATE_…` with the file's path. One bad file makes all
 * unusable, and no message repeats a key
 */
export function readKeyDirectory(path: string, role: Role): KeyDirectory {
  const publicFolder = join(path, 'public_keys')
  const privateFolder = join(path, 'private_keys')
  const own = readOwnPair(path, OWN_NAME[role])
  const warnings = [...folderWarnings(publicFolder), ...folderWarnings(privateFolder), ...own.warnings]
  const trusted: TrustedPeer[] = []
  for (const file of listPublicFiles(publicFolder)) {
    const read = readKeyFile(join(publicFolder, file), 'public')
    const publicKey = requirePublicKey(join(publicFolder, file), read.text)
    warnings.push(...read.warnings)
    const name = file.slice(0, -'.key'.length)
    const twin = trusted.find((peer) => peer.publicKey === publicKey)
    if (twin) {
      const message = `${join(publicFolder, file)} holds the same key as ${twin.name}.key, whose name is used. Remove one.`
      warnings.push({ code: 'NETGEAR_TRUSTED_KEY_DUPLICATE', message })
    } else if (publicKey !== own.pair.publicKey) {
      trusted.push({ name, publicKey })
    }
  }
  return { keyring: { own: own.pair, trusted }, warnings }
}

/**
 * Makes the key directory that NetGear would make, with new pairs for both roles, if there is none or it is empty.
 *
 * @returns whether it was made; a complete one is left as it is
 * @throws NetgearError `NETGEAR_KEY_DIRECTORY_INCOMPLETE` naming the files that an existing one lacks; `NETGEAR_KEY_FILE_UNWRITABLE`
 */
export function ensureKeyDirectory(path: string): boolean {
  const missing = KEY_DIRECTORY_FILES.filter((file) => !existsSync(join(path, file)))
  if (missing.length === 0) return false
  const entries = [...listFolder(join(path, 'public_keys')), ...listFolder(join(path, 'private_keys'))]
  if (entries.length > 0) throw incomplete(path, missing)
  writePairs(path, false)
  return true
}

/**
 * Replaces the pairs of both roles by new ones, as NetGear's `overwrite_cert` does; every peer then needs the new public key.
 * Unlike NetGear it keeps the other files of `public_keys/`.
 *
 * @throws NetgearError `NETGEAR_KEY_FILE_UNWRITABLE`
 */
export function regenerateKeyDirectory(path: string): void {
  writePairs(path, true)
}

function readOwnPair(path: string, name: 'server' | 'client'): { pair: KeyPair; warnings: KeyWarning[] } {
  const secretFile = join(path, 'private_keys', `${name}.key_secret`)
  if (!existsSync(path)) {
    throw new NetgearError(
      'NETGEAR_KEY_DIRECTORY_MISSING',
      `The key directory ${path} does not exist. Create it in the keys node's dialog, or copy NetGear's keys there.`,
    )
  }
  const read = readKeyFile(secretFile, 'secret')
  const certificate = inFile(secretFile, () => parseCertificate(read.text))
  const { secretKey } = certificate
  if (secretKey === undefined) {
    throw new NetgearError(
      'NETGEAR_CERTIFICATE_WITHOUT_SECRET',
      `${secretFile} has no secret-key line. Put the secret certificate there, not the public one.`,
    )
  }
  const publicKey = publicKeyOf(secretKey)
  const publicFile = join(path, 'public_keys', `${name}.key`)
  if (certificate.publicKey !== undefined && certificate.publicKey !== publicKey) throw mismatch(secretFile, secretFile)
  if (existsSync(publicFile)) {
    if (requirePublicKey(publicFile, readKeyFile(publicFile, 'public').text) !== publicKey) {
      throw mismatch(publicFile, secretFile)
    }
  }
  return { pair: { publicKey, secretKey }, warnings: read.warnings }
}

function requirePublicKey(file: string, text: string): string {
  const { publicKey } = inFile(file, () => parseCertificate(text))
  if (publicKey !== undefined) return publicKey
  throw new NetgearError(
    'NETGEAR_CERTIFICATE_WITHOUT_KEY',
    `${file} has no public-key line. Copy the public key file again.`,
  )
}

function inFile<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof NetgearError) throw new NetgearError(error.code, `${file}: ${error.message}`)
    throw error
  }
}

function listPublicFiles(publicFolder: string): string[] {
  if (!existsSync(publicFolder)) throw incomplete(dirname(publicFolder), ['public_keys/'])
  const files = listFolder(publicFolder).filter((file) => file.endsWith('.key') && !file.startsWith('.'))
  if (files.length > MAX_TRUSTED_FILES) {
    throw new NetgearError(
      'NETGEAR_KEY_DIRECTORY_TOO_LARGE',
      `${publicFolder} holds ${files.length} public keys, more than the ${MAX_TRUSTED_FILES} that are read. Remove old ones.`,
    )
  }
  return files
}

function listFolder(folder: string): string[] {
  try {
    return existsSync(folder) ? readdirSync(folder).sort() : []
  } catch {
    throw new NetgearError(
      'NETGEAR_KEY_DIRECTORY_UNREADABLE',
      `${folder} cannot be listed. It must be a folder that the user who runs Node-RED may read.`,
    )
  }
}

function folderWarnings(folder: string): KeyWarning[] {
  if (process.platform === 'win32' || !existsSync(folder)) return []
  const everybodyWrites = (statSync(folder).mode & 0o1002) === 0o002
  if (!everybodyWrites) return []
  const message = `Every user may add and replace keys in ${folder}. Protect it: chmod go-w ${folder}`
  return [{ code: 'NETGEAR_KEY_DIRECTORY_WRITABLE', message }]
}

function writePairs(path: string, overwrite: boolean): void {
  try {
    mkdirSync(join(path, 'public_keys'), { recursive: true })
    mkdirSync(join(path, 'private_keys'), { recursive: true, mode: 0o700 })
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error
    const code: ErrorCode = 'NETGEAR_KEY_DIRECTORY_UNWRITABLE'
    throw new NetgearError(code, `The key directory ${path} cannot be made (${reason}). Check the path and its owner.`)
  }
  const now = new Date()
  for (const name of ['server', 'client']) {
    const pair = generateKeyPair()
    const secretFile = join(path, 'private_keys', `${name}.key_secret`)
    writeKeyFile(secretFile, formatSecretCertificate(pair, now), 'secret', overwrite)
    const publicFile = join(path, 'public_keys', `${name}.key`)
    writeKeyFile(publicFile, formatPublicCertificate(pair.publicKey, now), 'public', overwrite)
  }
}

function incomplete(path: string, missing: readonly string[]): NetgearError {
  return new NetgearError(
    'NETGEAR_KEY_DIRECTORY_INCOMPLETE',
    `The key directory ${path} lacks ${missing.join(', ')}. Copy the missing files there, or regenerate all keys.`,
  )
}

function mismatch(file: string, secretFile: string): NetgearError {
  return new NetgearError(
    'NETGEAR_KEY_PAIR_MISMATCH',
    `The public key in ${file} does not belong to the secret key in ${secretFile}. ` +
      'The files come from different pairs: copy both again, or regenerate the keys.',
  )
}
