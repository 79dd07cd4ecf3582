import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type ErrorCode, NetgearError } from '../wire/error'

/** Something that works, but that the user should put right. */
export interface KeyWarning {
  code: ErrorCode
  message: string
}

/** A key file's text and what is doubtful about the file. */
export interface KeyFile {
  text: string
  warnings: KeyWarning[]
}

const MAX_KEY_FILE_BYTES = 64 * 1024
const GROUP_OR_OTHERS_WRITE = 0o022
const GROUP_OR_OTHERS_READ = 0o044
const OTHERS_WRITE = 0o002
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'])

/**
 * Reads a key file. Links are followed; what they lead to must be a regular file of text, at most 64 KiB.
 *
 * @param kind a secret file that its group or others may write is refused; one that they may read, and a public file that
 * others may write, give a warning (not on Windows, which has no such modes)
 * @throws NetgearError `NETGEAR_KEY_FILE_MISSING`, `_UNREADABLE`, `_NOT_REGULAR`, `_TOO_LARGE`, `_BINARY` or `_WRITABLE`
 */
export function readKeyFile(path: string, kind: 'public' | 'secret'): KeyFile {
  try {
    // Looked at before it is opened too: to open a device may have effects, to open a FIFO may hang.
    refuseUnlessSmallRegularFile(path, statSync(path))
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = fstatSync(file)
      refuseUnlessSmallRegularFile(path, stats)
      const warnings = modeWarnings(path, stats, kind)
      return { text: readText(path, file), warnings }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw fileError(path, error)
  }
}

/**
 * Writes a key file as a whole or not at all: to a temporary file beside it, which then takes its name. A secret file never has
 * another mode than 0600.
 *
 * @param overwrite without it an existing file, or link, of this name stays
 * @throws NetgearError `NETGEAR_KEY_FILE_EXISTS` or `NETGEAR_KEY_FILE_UNWRITABLE`
 */
export function writeKeyFile(path: string, text: string, kind: 'public' | 'secret', overwrite = false): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  const mode = kind === 'secret' ? 0o600 : 0o644
  try {
    writeNewFile(temporary, text, mode)
    try {
      if (overwrite) renameSync(temporary, path)
      else takeFreeName(temporary, path, text, mode)
    } finally {
      rmSync(temporary, { force: true })
    }
    syncFolder(dirname(path))
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new NetgearError(
        'NETGEAR_KEY_FILE_EXISTS',
        `${path} exists already and was left as it is. Remove it first if it shall be replaced.`,
      )
    }
    throw new NetgearError(
      'NETGEAR_KEY_FILE_UNWRITABLE',
      `${path} cannot be written (${systemCode(error)}). Check that the folder exists, may be written, and has space left.`,
    )
  }
}

function writeNewFile(path: string, text: string, mode: number): void {
  const file = openSync(path, 'wx', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

// A hard link, unlike a rename, fails if the name is taken.
function takeFreeName(temporary: string, path: string, text: string, mode: number): void {
  try {
    linkSync(temporary, path)
  } catch (error) {
    if (!NO_HARD_LINKS.has(systemCode(error))) throw error
    writeNewFile(path, text, mode)
  }
}

function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  } catch {
    // Windows and some network file systems cannot sync a folder; the file itself is synced.
  }
}

function refuseUnlessSmallRegularFile(path: string, stats: Stats): void {
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? 'a folder' : 'a device, pipe or socket'
    throw new NetgearError(
      'NETGEAR_KEY_FILE_NOT_REGULAR',
      `${path} is ${what}, not a key file. Put the key file there.`,
    )
  }
  if (stats.size > MAX_KEY_FILE_BYTES) throw tooLarge(path)
}

function modeWarnings(path: string, stats: Stats, kind: 'public' | 'secret'): KeyWarning[] {
  if (process.platform === 'win32') return []
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0')
  if (kind === 'secret') {
    if (stats.mode & GROUP_OR_OTHERS_WRITE) {
      throw new NetgearError(
        'NETGEAR_KEY_FILE_WRITABLE',
        `Other users may write ${path} (mode ${mode}), so its secret key cannot be trusted. Make a new pair if in doubt, ` +
          `then: chmod 600 ${path}`,
      )
    }
    if (stats.mode & GROUP_OR_OTHERS_READ) {
      const message = `Other users may read the secret key in ${path} (mode ${mode}). Protect it: chmod 600 ${path}`
      return [{ code: 'NETGEAR_KEY_FILE_READABLE', message }]
    }
  } else if (stats.mode & OTHERS_WRITE) {
    const message = `Every user may write ${path} (mode ${mode}) and so choose who is trusted. Protect it: chmod 644 ${path}`
    return [{ code: 'NETGEAR_KEY_FILE_WRITABLE', message }]
  }
  return []
}

function readText(path: string, file: number): string {
  const buffer = Buffer.alloc(MAX_KEY_FILE_BYTES + 1)
  let length = 0
  for (;;) {
    const count = readSync(file, buffer, length, buffer.length - length, null)
    length += count
    if (length > MAX_KEY_FILE_BYTES) throw tooLarge(path)
    if (count === 0) break
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length))
    if (!text.includes('\0')) return text
  } catch {
    // Not UTF-8: reported below, like a NUL.
  }
  throw new NetgearError(
    'NETGEAR_KEY_FILE_BINARY',
    `${path} is not a text file, so not a key file. Copy the key file again.`,
  )
}

function tooLarge(path: string): NetgearError {
  return new NetgearError(
    'NETGEAR_KEY_FILE_TOO_LARGE',
    `${path} is larger than ${MAX_KEY_FILE_BYTES / 1024} KiB, so it is no key file. Put the key file there.`,
  )
}

function fileError(path: string, error: unknown): NetgearError {
  if (error instanceof NetgearError) return error
  const code = systemCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new NetgearError('NETGEAR_KEY_FILE_MISSING', `The key file ${path} is missing.`)
  }
  return new NetgearError(
    'NETGEAR_KEY_FILE_UNREADABLE',
    `The key file ${path} cannot be read (${code}). Check its owner and mode: the user that runs Node-RED must be able to read it.`,
  )
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
