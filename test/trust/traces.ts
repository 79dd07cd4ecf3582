import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z85Decode } from '../../lib/keys/z85'

/** One form in which a secret key could show up somewhere. */
export interface Trace {
  form: string
  bytes: Buffer
}

/** All forms in which a secret key (Z85) could leak: whole, by halves, and as the encodings of its 32 bytes. */
export function tracesOf(secretKey: string): Trace[] {
  const raw = Buffer.from(z85Decode(secretKey))
  const text = Buffer.from(secretKey)
  const escaped = secretKey.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
  const forms: Record<string, string | Buffer> = {
    'Z85, first half': secretKey.slice(0, 20),
    'Z85, second half': secretKey.slice(20),
    'Z85 in a URL': encodeURIComponent(secretKey),
    ...(escaped !== secretKey && { 'Z85 in HTML': escaped }),
    'Z85 in base64': text.toString('base64').slice(0, 52),
    'hexadecimal Z85': text.toString('hex'),
    bytes: raw,
    hexadecimal: raw.toString('hex'),
    HEXADECIMAL: raw.toString('hex').toUpperCase(),
    'hexadecimal with colons': raw.toString('hex').replace(/(..)(?=.)/g, '$1:'),
    base64: raw.toString('base64').slice(0, 42),
    base64url: raw.toString('base64url').slice(0, 42),
    'array of bytes': JSON.stringify([...raw]).slice(1, -1),
  }
  return Object.entries(forms).map(([form, bytes]) => ({ form, bytes: Buffer.from(bytes) }))
}

/** The forms of the secret keys that are found in `haystack`. */
export function findTraces(haystack: Buffer | string, secretKeys: readonly string[]): string[] {
  const bytes = Buffer.from(haystack)
  return secretKeys.flatMap((secretKey) =>
    tracesOf(secretKey)
      .filter((trace) => bytes.includes(trace.bytes))
      .map(({ form }) => form),
  )
}

/** All files below a folder, links not followed. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
  })
}

/** What every user of the machine (command lines) or the same user (environments) can list of a process and its descendants. */
export function processListing(pid: number): Buffer {
  const listed = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  const parents = new Map(listed.map((entry) => [Number(entry), parentOf(entry)]))
  const descends = (from: number | undefined): boolean =>
    from !== undefined && (from === pid || descends(parents.get(from)))
  const parts = listed.flatMap((entry) => [
    readOrNothing(`/proc/${entry}/cmdline`),
    descends(Number(entry)) ? readOrNothing(`/proc/${entry}/environ`) : Buffer.alloc(0),
  ])
  return Buffer.concat(parts)
}

/** Resident memory of a process, in MiB. */
export function residentMiB(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  return (pages * 4096) / 2 ** 20
}

/** How many files and sockets a process has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

export function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

function parentOf(pid: string): number | undefined {
  // the second field, the name in brackets, may hold anything
  return Number(readOrNothing(`/proc/${pid}/stat`).toString().split(') ').pop()?.split(' ')[1]) || undefined
}

function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}
