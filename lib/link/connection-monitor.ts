import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { EventOfType, Socket } from 'zeromq'
import type { NetgearError } from '../wire/error'
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
  /** A connection ended before its handshake was complete, without a reason. */
  hungUp(): void
  /** A connecting link found nobody at the other end. */
  unreachable(): void
  /** The connection is gone and libzmq will not try again by itself (as after a refusal). */
  stuck(): void
  /** The socket is closed for good and its port free. */
  ended(): void
}

/**
 * Follows the connections of one socket by its events. ZeroMQ tells of accepted and ended connections and of completed handshakes,
 * but not which connection each belongs to; so peers are counted as completed handshakes, and never more than there are connections.
 */
export class ConnectionMonitor {
  readonly #options: MonitorOptions
  #connections = 0
  #handshaken = 0
  #explained = false
  #starvedAt = Number.NEGATIVE_INFINITY
  #stuckTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(socket: Socket, options: MonitorOptions) {
    this.#options = options
    void this.#follow(socket)
  }

  get peers(): number {
    return this.#handshaken
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#stuckTimer)
    this.#handshaken = 0
  }

  /** Whoever is held at the door is connected, but no peer: tells whether a peer turns out to have left, which an event may have hidden. */
  recount(): boolean {
    const before = this.#handshaken
    this.#handshaken = Math.min(before, Math.max(0, this.#connections - this.#options.held()))
    if (this.#handshaken === before) return false
    this.#options.left(this.#handshaken)
    return true
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
    switch (event.type) {
      case 'accept':
      case 'connect':
        this.#connections += 1
        this.#explained = false
        clearTimeout(this.#stuckTimer)
        this.#options.accepted(this.#connections - this.#handshaken)
        break
      case 'accept:error':
        if (OUT_OF_FILES.has(event.error.code)) this.#starved()
        break
      case 'handshake':
        this.#handshaken = Math.min(this.#handshaken + 1, Math.max(1, this.#connections))
        this.#options.entered()
        break
      case 'handshake:error:other':
        // a silent other end is no verdict on us
        if (event.error.code === 'EAGAIN') this.#explained = true
        else this.#options.brokenOff()
        this.#options.gaveUp()
        break
      case 'handshake:error:protocol':
      case 'handshake:error:auth': {
        const { security, mode } = this.#options
        this.#explained = true
        const error = explainHandshakeFailure(event, security, mode)
        if (error) this.#options.refused(error)
        break
      }
      case 'disconnect':
        this.#disconnected()
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

  #disconnected(): void {
    this.#connections = Math.max(0, this.#connections - 1)
    if (!this.recount() && !this.#explained) this.#options.hungUp()
    this.#explained = false
    if (this.#options.mode === 'connect') this.#stuckTimer = setTimeout(() => this.#options.stuck(), STUCK_MS)
  }
}
