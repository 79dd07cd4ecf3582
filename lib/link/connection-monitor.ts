import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { EventOfType, Socket } from 'zeromq'
import type { NetgearError } from '../wire/error'
import { ConnectionCount } from './connection-count'
import { explainHandshakeFailure } from './handshake'
import type { LinkSecurity, Mode } from './security'

const STUCK_MS = 300
// zeromq hands over event after event without letting the event loop turn.
const EVENTS_PER_TURN = 512
// As long as a connection cannot be accepted, libzmq tries again at once, as often as we read of it.
const ACCEPT_PAUSE_MS = 10
const STARVED_MS = 1000
const OUT_OF_FILES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])

export interface MonitorOptions {
  security: LinkSecurity
  mode: Mode
  /** How long a handshake may take until the connection is cut off. */
  handshakeSeconds: number
  entered(): void
  /** The process may open no more files, so connections wait; told once a second as long as it lasts. */
  starved(): void
  /** Somebody has connected; so many connections are in the middle of their handshakes now. */
  accepted(unproven: number): void
  left(remaining: number): void
  /** How many connections are held at the door, in the middle of their handshakes. */
  held(): number
  /** A connection ended in the middle of its handshake; if any was held at the door, it is taken to be one of them. */
  gaveUp(): void
  /** A handshake failed for a reason that is worth telling. */
  refused(error: NetgearError): void
  /** The other end broke the handshake off, without a reason. */
  brokenOff(): void
  /** How many were let in whose handshakes may not be complete yet. */
  awaited(): number
  /** A connection ended without a reason: that of somebody awaited if `certain`, else a peer's or that of somebody who spoke nonsense. */
  hungUp(certain: boolean): void
  /** A connecting link found nobody at the other end. */
  unreachable(): void
  /** The connection is gone and libzmq will not try again by itself (as after a refusal). */
  stuck(): void
  /** The socket is closed for good and its port free. */
  ended(): void
}

/**
 * Follows the connections of one socket by its events. ZeroMQ tells of accepted and ended connections and of completed handshakes,
 * but not which connection each belongs to.
 */
export class ConnectionMonitor {
  readonly #options: MonitorOptions
  readonly #count: ConnectionCount
  /** So many peers were told of. */
  #told = 0
  /** How the handshake failed whose connection ends with the next event: libzmq tells of both in one go. */
  #failed: 'timed out' | 'broken' | undefined
  #explained = false
  #starvedAt = Number.NEGATIVE_INFINITY
  #stuckTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(socket: Socket, options: MonitorOptions) {
    this.#options = options
    this.#count = new ConnectionCount(options.handshakeSeconds * 1000)
    void this.#follow(socket)
  }

  get peers(): number {
    return this.#closed ? 0 : this.#count.peers
  }

  /** How many of the peers are certain not to have left: those that come and go without a word may hide it for a while. */
  get surePeers(): number {
    return Math.max(0, this.peers - this.#count.doubts)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#stuckTimer)
  }

  /** Whoever is held at the door is connected, but no peer: tells whether a peer turns out to have left, which an event may have hidden. */
  recount(): boolean {
    this.#count.held(this.#options.held())
    return this.#tellWhoLeft()
  }

  async #follow(socket: Socket): Promise<void> {
    // Never events.on(): a listener that throws would end the process; never events.close(): it breaks those of later sockets.
    try {
      let taken = 0
      for await (const event of socket.events) {
        if (event.type === 'end') break
        if (this.#closed || socket.closed) continue
        this.#take(event)
        taken += 1
        if (taken % EVENTS_PER_TURN > 0) continue
        await (event.type === 'accept:error' ? delay(ACCEPT_PAUSE_MS) : nextTurn())
      }
    } catch {
      // the socket is gone, and with it the peers
    }
    this.#options.ended()
  }

  #take(event: EventOfType): void {
    const failed = this.#failed
    this.#failed = undefined
    switch (event.type) {
      case 'accept':
      case 'connect':
        this.#count.opened()
        this.#explained = false
        clearTimeout(this.#stuckTimer)
        this.#options.accepted(this.#count.open - this.peers)
        break
      case 'accept:error':
        if (OUT_OF_FILES.has(event.error.code)) this.#starved()
        break
      case 'handshake':
        this.#count.proven()
        this.#told = this.peers
        this.#options.entered()
        break
      case 'handshake:error:other':
        // A silent other end is no verdict on us. One that hangs up on a listening end has its own reasons: libzmq, when it is us who end a
        // handshake for its pattern, tells only of the end of the connection.
        if (event.error.code === 'EAGAIN' || this.#options.mode === 'bind') this.#explained = true
        if (event.error.code !== 'EAGAIN') this.#options.brokenOff()
        this.#failed = event.error.code === 'EAGAIN' ? 'timed out' : 'broken'
        this.#options.gaveUp()
        break
      case 'handshake:error:protocol':
      case 'handshake:error:auth': {
        const { security, mode } = this.#options
        if (mode === 'bind' && event.type === 'handshake:error:auth') this.#count.dismissed()
        else {
          this.#explained = true
          this.#failed = 'broken'
        }
        const error = explainHandshakeFailure(event, security, mode)
        if (error) this.#options.refused(error)
        break
      }
      case 'disconnect':
        this.#disconnected(failed)
        break
      case 'connect:retry':
        clearTimeout(this.#stuckTimer)
        break
      case 'close':
        if (this.#options.mode === 'connect') this.#options.unreachable()
        break
    }
  }

  #starved(): void {
    const now = performance.now()
    if (now - this.#starvedAt < STARVED_MS) return
    this.#starvedAt = now
    this.#options.starved()
  }

  #tellWhoLeft(): boolean {
    const { peers } = this
    const fell = peers < this.#told
    this.#told = peers
    if (fell) this.#options.left(peers)
    return fell
  }

  #disconnected(failed: 'timed out' | 'broken' | undefined): void {
    const { mode, held, awaited, hungUp, stuck } = this.#options
    let dismissed = false
    if (failed) this.#count.failed(failed === 'timed out')
    else dismissed = this.#count.ended(held())
    if (!this.#tellWhoLeft() && !this.#explained && !dismissed) {
      hungUp(this.peers === 0 && this.#count.open + 1 === awaited())
    }
    this.#explained = false
    if (mode === 'connect') this.#stuckTimer = setTimeout(stuck, STUCK_MS)
  }
}
