import { NetgearError } from '../wire/error'
import type { WireLimits } from '../wire/message'

/** How much a link takes from its peers. */
export interface LinkLimits {
  /** Of a frame as it travels, in MiB; a peer that announces a larger one is cut off. */
  frameMegabytes: number
  /** Width times height of a picture, in millions. */
  pictureMegapixels: number
  /** Peers that one listening link lets in at the same time. */
  connections: number
  /** How long somebody who connects may take to prove who he is. */
  handshakeSeconds: number
}

/** Some of the limits; the others stay at their defaults. */
export type LimitsToSet = { readonly [Name in keyof LinkLimits]?: number | undefined }

/** Large enough for pixels of 4K with alpha and for JPEGs of the largest cameras, small enough for a Raspberry Pi with several links. */
export const DEFAULT_LINK_LIMITS: Readonly<LinkLimits> = {
  frameMegabytes: 64,
  pictureMegapixels: 64,
  connections: 128,
  handshakeSeconds: 10,
}

const RANGES: Readonly<Record<keyof LinkLimits, readonly [least: number, most: number]>> = {
  frameMegabytes: [0.01, 1024],
  pictureMegapixels: [0.01, 500],
  connections: [1, 10_000],
  handshakeSeconds: [1, 300],
}
const MEGABYTE = 1024 ** 2
const HEADER_BYTES = MEGABYTE

/**
 * Completes limits from outside with the defaults; numbers may be text, as environment variables are.
 *
 * @throws {NetgearError} `NETGEAR_LIMIT` for what is no object, has an unknown name, or is no number within its range.
 */
export function readLinkLimits(given: unknown): LinkLimits {
  if (given === undefined || given === null) return { ...DEFAULT_LINK_LIMITS }
  if (typeof given !== 'object' || Array.isArray(given)) throw badLimit(`they are ${describe(given)}`)
  const limits = { ...DEFAULT_LINK_LIMITS }
  for (const [name, value] of Object.entries(given)) {
    if (!isLimit(name)) throw badLimit(`there is none of the name ${JSON.stringify(name)}`)
    if (value !== undefined) limits[name] = readLimit(name, value)
  }
  return limits
}

/** The same limits as the reading of messages wants them. */
export function wireLimits({ frameMegabytes, pictureMegapixels }: LinkLimits): WireLimits {
  return {
    headerBytes: HEADER_BYTES,
    frameBytes: Math.floor(frameMegabytes * MEGABYTE),
    pixels: Math.floor(pictureMegapixels * 1_000_000),
  }
}

function readLimit(name: keyof LinkLimits, value: unknown): number {
  const [least, most] = RANGES[name]
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  const whole = name !== 'connections' || Number.isInteger(number)
  if (typeof number === 'number' && number >= least && number <= most && whole) return number
  const wanted = `a${name === 'connections' ? ' whole' : ''} number from ${least} to ${most}`
  throw badLimit(`${name} is ${describe(value)}: give ${wanted}`)
}

function isLimit(name: string): name is keyof LinkLimits {
  return Object.hasOwn(RANGES, name)
}

function badLimit(what: string): NetgearError {
  const names = Object.keys(RANGES).join(', ')
  return new NetgearError(
    'NETGEAR_LIMIT',
    `The limits cannot be used, because ${what}. In Node-RED's settings.js: netgear: { limits: { … } } with any of ${names}.`,
  )
}

function describe(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80)
  } catch {
    return `a ${typeof value}`
  }
}
