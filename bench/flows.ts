import { generateKeyPair } from '../lib/keys/key-pair'
import type { Flow } from './node-red'
import type { Frames } from './pictures'

export type Pattern = 'pair' | 'reqrep' | 'pubsub'
export type Security = 'grassland' | 'stonehouse' | 'ironhouse'
/** What crosses the link: pixels, a camera's JPEG untouched, or pixels that are a JPEG on the wire only. */
export type Encoding = 'raw' | 'jpeg' | 'codec'

// Timers are exact to a millisecond: enough may wait for the link to be busy until the next, and no more.
const QUEUE_BYTES = 2_000_000
const MOST_QUEUED = 8

/** How many frames may wait where a link is to be kept busy. */
export function queueFor(frameBytes: number): number {
  return Math.min(MOST_QUEUED, Math.max(1, Math.round(QUEUE_BYTES / frameBytes)))
}

export interface LinkSettings {
  encoding: Encoding
  frames: Frames
  pattern: Pattern
  security: Security
  /** Where the receiver listens. */
  port: number
  /** Where the sender finds it, if there is something in between. */
  senderPort?: number
}

const ON_TAB = { z: 'tab', x: 100, y: 100 }

export const SINK = { ...ON_TAB, id: 'sink', type: 'bench-sink' }

/** A keys node for each of two ends that trust each other. */
export function keysFor(security: Security): { keysOf: (end: 'sender' | 'receiver') => Required<Flow> } {
  const pairs = { sender: generateKeyPair(), receiver: generateKeyPair() }
  return {
    keysOf: (end) => {
      if (security === 'grassland') return { nodes: [], credentials: {} }
      const other = end === 'sender' ? 'receiver' : 'sender'
      const trusted = [{ name: other, publicKey: pairs[other].publicKey }]
      const { publicKey, secretKey } = pairs[end]
      return {
        nodes: [{ id: 'keys', type: 'netgear-keys', name: '', source: 'stored', publicKey, trusted, directory: '' }],
        credentials: { keys: { secretKey } },
      }
    },
  }
}

/** A netgear-in with what its dialog saves. */
export function netgearIn({ pattern, security, port }: LinkSettings, given: object = {}): object {
  const link = {
    security,
    keys: 'keys',
    pattern,
    mode: 'bind',
    protocol: 'tcp',
    address: '127.0.0.1',
    port: String(port),
  }
  return {
    ...ON_TAB,
    id: 'in',
    type: 'netgear-in',
    name: '',
    ...link,
    output: 'jpeg',
    pixels: 'bgr',
    wires: [['sink']],
    ...given,
  }
}

/** A netgear-out with what its dialog saves. */
export function netgearOut(
  { pattern, security, port, senderPort = port, encoding }: LinkSettings,
  given: object = {},
): object {
  const link = {
    security,
    keys: 'keys',
    pattern,
    mode: 'connect',
    protocol: 'tcp',
    address: '127.0.0.1',
    port: String(senderPort),
  }
  const picture = { encoding: encoding === 'raw' ? 'raw' : 'jpeg', quality: 90, queue: 1, window: 1 }
  const properties = { frame: 'payload', frameType: 'msg', data: 'data', dataType: 'msg' }
  return {
    ...ON_TAB,
    id: 'out',
    type: 'netgear-out',
    name: '',
    ...link,
    ...picture,
    ...properties,
    wires: [],
    ...given,
  }
}

/** A source that feeds the nodes named in `wires`. */
export function source({ encoding, frames }: Pick<LinkSettings, 'encoding' | 'frames'>, given: object = {}): object {
  const { raw, jpeg, width, height } = frames
  const frame = encoding === 'jpeg' ? { form: 'jpeg', folder: jpeg } : { form: 'raw', folder: raw, width, height }
  return { ...ON_TAB, id: 'source', type: 'bench-source', ...frame, wires: [['out']], ...given }
}

export const NETGEAR_OUTPUT = { raw: 'asis', jpeg: 'jpeg', codec: 'raw' } as const
