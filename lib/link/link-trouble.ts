import { NetgearError } from '../wire/error'
import type { LinkEvent, PeerIdentity } from './link-events'
import { Tally } from './tally'

const REFUSAL_MS = 10_000
/** A peer that comes and leaves so often within so many milliseconds does not do so of itself. */
const CUT_OFFS = 5
const CUT_OFFS_MS = 10_000
const CUT_OFF = 'NETGEAR_PEER_CUT_OFF'

type Place = { endpoint: string; port?: number }

/** What is wrong with one link: told as events, repeated refusals summed up, and kept for its state as long as it matters. */
export class LinkTrouble {
  readonly #place: Place
  readonly #emit: (event: LinkEvent) => void
  readonly #refusals: Tally<{ error: NetgearError; peer: PeerIdentity }>
  #leavings: number[] = []
  #cameSince = false
  #refusedAt = Number.NEGATIVE_INFINITY
  #present: { state: 'failed' | 'refused'; error: NetgearError; until: number } | undefined

  constructor(place: Place, emit: (event: LinkEvent) => void) {
    this.#place = place
    this.#emit = emit
    this.#refusals = new Tally(({ error: { code, message }, peer }, count) => {
      emit({ event: 'refused', ...place, code, reason: message, count, ...peer })
    }, REFUSAL_MS)
  }

  /** A failure until it is mended; a refusal for some seconds. */
  get present(): { state: 'failed' | 'refused'; error: NetgearError } | undefined {
    return this.#present && this.#present.until > performance.now() ? this.#present : undefined
  }

  /** Whether somebody has been refused in the last seconds, whatever came after it. */
  get refusedLately(): boolean {
    return performance.now() - this.#refusedAt < REFUSAL_MS
  }

  /** A peer was not let in, or we were not. */
  refused(error: NetgearError, peer: PeerIdentity): void {
    this.#refusedAt = performance.now()
    this.#present = { state: 'refused', error, until: performance.now() + REFUSAL_MS }
    this.#refusals.add(`${error.code} ${peer.address ?? ''} ${peer.publicKey ?? ''}`, { error, peer })
  }

  /** The link cannot open. The same failure again is not told again. */
  failed(error: NetgearError): void {
    const known = this.#present?.error.code === error.code && this.#present.error.message === error.message
    this.#present = { state: 'failed', error, until: Number.POSITIVE_INFINITY }
    if (!known) this.#emit({ event: 'failed', ...this.#place, code: error.code, reason: error.message })
  }

  /** A peer has come: whatever was wrong is over, and how often it was itself refused before is no news any more. */
  entered(refused: (key: string | undefined) => boolean): void {
    this.#cameSince = true
    this.over()
    this.#refusals.forget(({ error, peer }) => error.code !== CUT_OFF && refused(peer.publicKey))
  }

  /** A peer has left. What libzmq cuts off, for a frame that is too large, it cuts off without a word, and again after each return. */
  left(frameMegabytes: number): void {
    // Many that leave together, as with a switch that loses power, come back only later.
    if (!this.#cameSince) return
    this.#cameSince = false
    const now = performance.now()
    this.#leavings = [...this.#leavings.filter((at) => now - at < CUT_OFFS_MS), now].slice(-CUT_OFFS)
    if (this.#leavings.length === CUT_OFFS) this.refused(cutOff(frameMegabytes), {})
  }

  /** That kind of trouble is over; without a kind, all of it. */
  over(kind?: 'failed' | 'refused'): void {
    if (kind === undefined || this.#present?.state === kind) this.#present = undefined
  }

  /** Nothing is told any more. */
  close(): void {
    this.#refusals.close()
  }
}

/** The state of a listening link while nothing answers for it. */
export const AUTHENTICATOR_DOWN = new NetgearError(
  'NETGEAR_AUTHENTICATOR_DOWN',
  'Nobody gets in, because the authenticator is down. It is being started again; restart Node-RED if this stays.',
)

/** Why a listening link cannot take connections any more. */
export const OUT_OF_FILES = new NetgearError(
  'NETGEAR_TOO_MANY_OPEN_FILES',
  'Nobody new can connect, because this process may open no more files and connections. If somebody floods the port, let a firewall keep ' +
    'him away; else give Node-RED a higher limit (LimitNOFILE of its systemd service, or ulimit -n).',
)

/** What went wrong as an error of the link, also where nobody has foreseen it. */
export function linkError(cause: unknown): NetgearError {
  if (cause instanceof NetgearError) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  return new NetgearError('NETGEAR_LINK', `The link failed and is opened anew: ${text}`, { cause })
}

function cutOff(frameMegabytes: number): NetgearError {
  return new NetgearError(
    CUT_OFF,
    `A peer comes and is cut off, again and again. Probably it sends frames of more than ${frameMegabytes} MiB: let it send smaller ` +
      'pictures or JPEG, or raise the limit frameMegabytes. Else it ends and starts again by itself.',
  )
}
