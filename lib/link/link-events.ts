import type { NetgearError } from '../wire/error'

/** Who is at the other end, as far as it is known: absent means not known. */
export interface PeerIdentity {
  address?: string
  publicKey?: string
  /** Name of the trusted peer whose key it proved; absent for strangers and for our own key. */
  name?: string
}

export interface LinkStats {
  /** Frames and bytes that crossed since the link was opened. */
  frames: number
  bytes: number
  /** Over the last seconds. */
  fps: number
  bitsPerSecond: number
  /** Frames that we let go by policy: a newer one was there. */
  dropped: number
  /** Frames that the sender counted and that never arrived (known for senders that count). */
  lost: number
  invalid: number
  /** Milliseconds from the sender's clock to ours (receiver), or from sending to the answer (sender, lock-step). */
  latency?: { p50: number; p99: number }
  peers: number
}

/** What happens on a link. `endpoint` is ours, as in `tcp://*:5555`. */
export type LinkEvent =
  | { event: 'listening'; endpoint: string; port?: number }
  | ({ event: 'connected'; endpoint: string; port?: number } & PeerIdentity)
  | ({ event: 'disconnected'; endpoint: string; port?: number } & PeerIdentity)
  | ({ event: 'refused'; endpoint: string; port?: number; code: string; reason: string; count: number } & PeerIdentity)
  | { event: 'failed'; endpoint: string; port?: number; code: string; reason: string }
  | { event: 'ended'; endpoint: string; port?: number; from?: string }
  | { event: 'dropped'; endpoint: string; port?: number; reason: string; count: number }
  | { event: 'invalid'; endpoint: string; port?: number; code: string; reason: string; count: number }

export type LinkEventListener = (event: LinkEvent) => void

/** What a link is doing, from worst to best; `reason` is for the user. */
export type LinkState =
  | { state: 'failed' | 'refused'; error: NetgearError }
  | { state: 'waiting' }
  | { state: 'connected'; peers: number }
