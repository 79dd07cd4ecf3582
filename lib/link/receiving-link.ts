import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { encodeAnswer, encodePictureAnswer } from '../wire/answer'
import { NetgearError } from '../wire/error'
import type { JsonValue } from '../wire/json'
import { decodeMessage, type WireEnd, type WireFrame, type WireLimits } from '../wire/message'
import type { PictureToEncode } from '../wire/picture'
import { latencySince } from './clock'
import { describeEndpoint, type Endpoint } from './endpoint'
import { Link } from './link'
import type { LinkState, LinkStats, PeerIdentity } from './link-events'
import type { EndOptions } from './options'
import { Pacer } from './pacer'
import {
  createReceivingSocket,
  type Incoming,
  openEnvelope,
  type ReceivingSocket,
  sendAnswer,
} from './receiving-socket'
import { Sources, sourceKey } from './source'
import { Traffic } from './traffic'

const DRAIN_LIMIT = 256
const REFILL_MS = 1
const REFILL_ROUNDS = 20
const MOST_AT_ONCE = 8
const SLUGGISH_MS = 20

/** What the link itself knows of a message's way. */
export interface Arrival {
  /** The port of the link it came over. */
  port: number
  /** Whose key is at the other end, where that is certain. */
  peer?: PeerIdentity
  /** Frames that its sender counted just before it and that never came. */
  lost: number
  /** Milliseconds from the sender's clock to ours; absent where the sender does not tell. */
  latency?: number
}

/** What goes back with the answers of a lock-step pattern. */
export type Returned = { data: JsonValue } | { picture: PictureToEncode }

export interface ReceivingLinkOptions extends Omit<EndOptions, 'ports' | 'protocol' | 'address'> {
  endpoint: Endpoint
  maxFps: number
  limits: WireLimits
  checkFrame?(frame: WireFrame): void
  onFrame(frame: WireFrame, arrival: Arrival): void
  onEnd?(end: WireEnd, arrival: Arrival): void
}

type Received = { frame: WireFrame; arrival: Arrival }

/** The frames that came together, of each sender in their order. */
type Batch = Map<string, Received[]>

/** Receives frames over one port: answers each message at once, then hands on what a consumer that may be slow can still use. */
export class ReceivingLink {
  returned: Returned | undefined
  readonly #options: ReceivingLinkOptions
  readonly #link: Link<ReceivingSocket>
  readonly #traffic: Traffic
  readonly #sources: Sources<Pacer<Received>>
  #handedOnAt = 0
  #sluggish = false

  constructor(options: ReceivingLinkOptions) {
    this.#options = options
    const { endpoint, mode, pattern, security, onEvent, onChange, limits } = options
    this.#traffic = new Traffic(endpoint, 'a newer frame was there', (event) => onEvent?.(event))
    this.#sources = new Sources(
      () =>
        new Pacer(
          options.maxFps,
          (received) => this.#deliver(received),
          () => this.#traffic.dropped(),
        ),
      (pacer) => pacer.close(),
    )
    this.#link = new Link<ReceivingSocket>({
      endpoint,
      mode,
      pattern,
      security,
      exclusive: pattern === 'pair',
      maxMessageBytes: limits.frameBytes,
      create: (base) => createReceivingSocket(pattern, base),
      serve: (socket) => this.#serve(socket),
      onEvent: (event) => onEvent?.(event),
      ...(onChange && { onChange }),
    })
  }

  get port(): number {
    return this.#options.endpoint.port
  }

  get state(): LinkState {
    return this.#link.state
  }

  stats(): LinkStats {
    return this.#traffic.stats(this.#link.peers)
  }

  renew(): void {
    this.#link.renew()
  }

  /** Counts and reports a frame that was let go after it had been handed on. */
  letGo(): void {
    this.#traffic.dropped()
  }

  /** Counts and reports a message that cannot be used. */
  reject(error: NetgearError): void {
    this.#traffic.invalid(error)
  }

  async close(): Promise<void> {
    this.#sources.close()
    this.#traffic.close()
    await this.#link.close()
  }

  async #serve(socket: ReceivingSocket): Promise<void> {
    try {
      while (!socket.closed) {
        const batch: Batch = new Map()
        await this.#take(socket, await socket.receive(), batch)
        await this.#drain(socket, batch)
        if (this.#consumerIsSlow(batch)) await this.#skipToNewest(socket, batch)
        this.#handedOnAt = performance.now()
        this.#handOn(batch)
        await nextTurn()
      }
    } catch {
      // the socket was closed while we waited; the link opens the next one
    }
  }

  /** Reads what libzmq holds for us. Gives how many messages that were. */
  async #drain(socket: ReceivingSocket, batch: Batch): Promise<number> {
    let drained = 0
    while (socket.readable && drained < DRAIN_LIMIT) {
      await this.#take(socket, await socket.receive(), batch)
      drained += 1
    }
    return drained
  }

  /**
   * Whether frames have piled up twice in a row while the process was busy with those before. Once may be a pause of the process, after
   * which a consumer that keeps up shall get them all; that consumer works asynchronously, so that its own time cannot be taken.
   */
  #consumerIsSlow(batch: Batch): boolean {
    const piledUp = [...batch.values()].some((waiting) => waiting.length > 1)
    const wasSluggish = this.#sluggish
    this.#sluggish = piledUp && performance.now() - this.#handedOnAt > SLUGGISH_MS
    return this.#sluggish && wasSluggish
  }

  /** Old frames lie in the kernel's queues too, and come through as soon as libzmq's own are read. */
  async #skipToNewest(socket: ReceivingSocket, batch: Batch): Promise<void> {
    for (let round = 0; round < REFILL_ROUNDS; round += 1) {
      await delay(REFILL_MS)
      if ((await this.#drain(socket, batch)) === 0) break
    }
    for (const waiting of batch.values()) this.#keepNewest(waiting, 1)
  }

  async #take(socket: ReceivingSocket, message: Buffer[], batch: Batch): Promise<void> {
    this.#link.heard()
    const incoming = openEnvelope(this.#options.pattern, message)
    if (!incoming) {
      this.reject(
        new NetgearError(
          'NETGEAR_PARTS',
          'A message without a request envelope came: its sender speaks another pattern.',
        ),
      )
      return
    }
    const decoded = this.#decode(incoming)
    await this.#answer(socket, incoming, decoded)
    if (decoded?.kind === 'frame') this.#collect(decoded, batch)
    if (decoded?.kind === 'end') {
      this.#handOn(batch)
      this.#ended(decoded)
    }
  }

  #decode({ parts }: Incoming): WireFrame | WireEnd | undefined {
    try {
      const decoded = decodeMessage(parts, this.#options.limits)
      if (decoded.kind === 'frame') this.#options.checkFrame?.(decoded)
      return decoded
    } catch (error) {
      this.reject(error instanceof NetgearError ? error : new NetgearError('NETGEAR_INVALID', String(error)))
      return undefined
    }
  }

  /** Also an invalid message is answered, so that its sender can go on with the next. */
  async #answer(socket: ReceivingSocket, incoming: Incoming, decoded: WireFrame | WireEnd | undefined): Promise<void> {
    if (this.#options.pattern === 'pubsub') return
    const port = String(this.port)
    const { returned } = this
    if (decoded?.kind === 'frame' && decoded.dialect === 'imagezmq')
      await sendAnswer(socket, incoming, [Buffer.from('OK')])
    else if (decoded?.kind === 'frame' && returned && 'picture' in returned) {
      await sendAnswer(socket, incoming, encodePictureAnswer({ port, frame: returned.picture }))
    } else
      await sendAnswer(
        socket,
        incoming,
        encodeAnswer({ port, returned: returned && 'data' in returned ? returned.data : undefined }),
      )
  }

  #collect(frame: WireFrame, batch: Batch): void {
    const lost = this.#sources.arrived(frame)
    if (lost === undefined) return
    const latency = latencySince(frame.timestamp)
    this.#traffic.meter.count(frame.body.length)
    this.#traffic.meter.lost += lost
    if (latency !== undefined) this.#traffic.meter.latency(latency)
    const key = sourceKey(frame)
    const waiting = batch.get(key) ?? []
    waiting.push({ frame, arrival: this.#arrival(lost, latency) })
    batch.set(key, waiting)
    this.#keepNewest(waiting, MOST_AT_ONCE)
  }

  #keepNewest(waiting: Received[], most: number): void {
    for (const _ of waiting.splice(0, waiting.length - most)) this.#traffic.dropped()
  }

  #handOn(batch: Batch): void {
    for (const [key, waiting] of batch) {
      for (const received of waiting) this.#sources.kept(key).offer(received)
    }
    batch.clear()
  }

  #ended(end: WireEnd): void {
    const { onEvent, onEnd } = this.#options
    const { from, port } = end
    const name = from ?? (port === undefined ? undefined : String(port))
    onEvent?.({
      event: 'ended',
      endpoint: describeEndpoint(this.#options.endpoint),
      port: this.port,
      ...(name && { from: name }),
    })
    this.#consume(() => onEnd?.(end, this.#arrival(0, undefined)))
  }

  #arrival(lost: number, latency: number | undefined): Arrival {
    const peer = this.#link.solePeer
    return { port: this.port, lost, ...(latency !== undefined && { latency }), ...(peer && { peer }) }
  }

  #deliver({ frame, arrival }: Received): void {
    this.#consume(() => this.#options.onFrame(frame, arrival))
  }

  #consume(consumer: () => void): void {
    try {
      consumer()
    } catch (error) {
      this.reject(
        new NetgearError('NETGEAR_CONSUMER', `The consumer of the frames failed: ${String(error)}`, { cause: error }),
      )
    }
  }
}
