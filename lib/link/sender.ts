import { randomBytes } from 'node:crypto'
import { markAsUntransferable } from 'node:worker_threads'
import type { Answer } from '../wire/answer'
import { NetgearError } from '../wire/error'
import { isSenderName } from '../wire/header'
import { JsonText, type JsonValue } from '../wire/json'
import type { Dialect } from '../wire/message'
import { describePicture, type PictureToEncode } from '../wire/picture'
import { wallClockMs } from './clock'
import { checkAddress, describeEndpoint, type Endpoint } from './endpoint'
import { overallState, sumStats } from './figures'
import { readLinkLimits, wireLimits } from './limits'
import type { LinkState, LinkStats } from './link-events'
import type { EndOptions } from './options'
import { SendingLink } from './sending-link'
import { shielded } from './shielded'
import type { SshTunnelOptions } from './ssh-tunnel'
import type { MessageSender, StampedFrame } from './stamped-frame'
import { Tally } from './tally'

export interface SenderOptions extends EndOptions {
  /** What the sender calls itself in each frame's header; absent or "": nothing. */
  name?: string
  /** How many frames may wait for each link while it is busy; the newest win. Default 1. */
  queue?: number
  /** Unanswered frames in flight on each link in the lock-step patterns. Default 1. */
  window?: number
  /** How frames are written: as NetGear does (default), or as imagezmq does. */
  dialect?: Dialect
  /** Goes through an SSH server, from where `address` is seen: only to one port, connecting, over tcp. */
  tunnel?: SshTunnelOptions
  /** What a receiver answered in the lock-step patterns: of kind `received` where it is no more than that. */
  onAnswer?(answer: Answer, port: number): void
}

// Receivers of ours take a header of 1 MiB.
const MAX_DATA_CHARACTERS = 512 * 1024
const REPORT_MS = 1000
const LET_GO = 'a newer frame was there before it could be sent'

/**
 * Sends frames to one or several ports, each a link of its own, so that a slow or dead receiver holds up no other: every receiver
 * gets every frame it can take. Never gives up: links are opened anew until `close`.
 */
export class Sender {
  readonly #links: readonly SendingLink[]
  /** What every message says of its sender. */
  readonly #self: MessageSender
  readonly #frameBytes: number
  readonly #letGoTold: Tally<undefined>
  #nextSeq = 0
  #letGo = 0

  /** Throws a `NetgearError` for options that cannot work; everything that happens later is told by events. */
  constructor(options: SenderOptions) {
    const { mode, protocol, address, ports, queue = 1, window = 1, dialect = 'netgear', name = '' } = options
    if (options.tunnel) checkTunnel(options)
    this.#self = { ...(isSenderName(name) && { from: name }), stream: randomBytes(4).toString('hex') }
    const endpoints = ports.map((port): Endpoint => ({ protocol, address, port }))
    for (const endpoint of endpoints) checkAddress(endpoint, mode)
    const limits = readLinkLimits(options.limits)
    this.#frameBytes = wireLimits(limits).frameBytes
    const shieldedOptions = shielded(options)
    this.#links = endpoints.map(
      (endpoint) => new SendingLink({ ...shieldedOptions, queue, window, dialect, endpoint, limits }),
    )
    const where = {
      endpoint: endpoints.map(describeEndpoint).join(', '),
      ...(ports.length === 1 && { port: ports[0] }),
    }
    this.#letGoTold = new Tally((_, count) => {
      shieldedOptions.onEvent?.({ event: 'dropped', ...where, reason: LET_GO, count })
    }, REPORT_MS)
  }

  get state(): LinkState {
    return overallState(this.#links.map(({ state }) => state))
  }

  /** The figures of all links together, with the frames that were let go before they reached any. */
  stats(): LinkStats {
    const sum = sumStats(this.#links.map((link) => link.stats()))
    return { ...sum, dropped: sum.dropped + this.#letGo }
  }

  /** The figures of each link, by its port. */
  statsByPort(): Map<number, LinkStats> {
    return new Map(this.#links.map((link) => [link.port, link.stats()]))
  }

  /**
   * Hands a picture to every link. Pictures given with the same `burst` wait together and do not push each other out. Its body must not
   * be changed afterwards: it is sent without being copied. Throws a `NetgearError` for what no receiver could read: see
   * `describePicture` and `toJson`, `NETGEAR_FRAME_TOO_LARGE` beyond the limit, and `NETGEAR_DATA_TOO_LARGE` for data beyond half a MiB.
   */
  send(picture: PictureToEncode, data?: JsonValue | JsonText, burst?: object): void {
    describePicture(picture)
    this.#checkSize(picture)
    // Given to a worker thread, its memory would be freed while libzmq reads it, which ends the process.
    markAsUntransferable(picture.body.buffer)
    const stamped: StampedFrame = { picture, sender: this.#self, seq: this.#nextSeq, timestamp: wallClockMs() }
    if (data !== undefined) stamped.data = writtenData(data)
    this.#nextSeq += 1
    for (const link of this.#links) link.send(stamped, burst)
  }

  /** Tells every receiver that the stream ends, after the frames that wait. The sender can go on sending later. */
  end(): void {
    for (const link of this.#links) link.sendEnd(this.#self)
  }

  /** Counts and reports a frame that the caller let go in favour of a newer one, before it could be sent. */
  letGo(): void {
    this.#letGo += 1
    this.#letGoTold.add('', undefined)
  }

  /** Cuts every peer off; each is asked again who it is. */
  renew(): void {
    for (const link of this.#links) link.renew()
  }

  /** Resolves when every port is free again. With `endOfStream` the receivers are told first. */
  async close({ endOfStream = false } = {}): Promise<void> {
    if (endOfStream) this.end()
    this.#letGoTold.close()
    await Promise.all(this.#links.map((link) => link.close(endOfStream)))
  }

  /** A receiver with the same limits would cut us off for it, and again after each reconnect. */
  #checkSize({ body }: PictureToEncode): void {
    if (body.length <= this.#frameBytes) return
    throw new NetgearError(
      'NETGEAR_FRAME_TOO_LARGE',
      `The frame has ${body.length} bytes; at most ${this.#frameBytes} are sent (limit frameMegabytes): send smaller pictures, or JPEG.`,
    )
  }
}

function writtenData(data: JsonValue | JsonText): JsonText {
  const written = JsonText.of(data)
  const { length } = written.text
  if (length <= MAX_DATA_CHARACTERS) return written
  throw new NetgearError(
    'NETGEAR_DATA_TOO_LARGE',
    `The data that travels with the frame has ${length} characters as JSON; at most ${MAX_DATA_CHARACTERS} are sent.`,
  )
}

function checkTunnel({ mode, protocol, ports }: SenderOptions): void {
  if (mode === 'connect' && protocol === 'tcp' && ports.length === 1) return
  throw new NetgearError(
    'NETGEAR_SSH_SINGLE',
    'An SSH tunnel leads to one receiver: connect to it over tcp, with one port. For several receivers use a node for each.',
  )
}
