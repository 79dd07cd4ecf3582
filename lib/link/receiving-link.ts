import { setImmediate as nextTurn } from 'node:timers/promises'
import { fitHeapRoom } from '../memory/heap-room'
import { noteShortLived } from '../memory/short-lived'
import { asInvalid, NetgearError } from '../wire/error'
import type { WireEnd, WireFrame } from '../wire/message'
import { AnswerPause } from './answer-pause'
import { latencySince } from './clock'
import { describeEndpoint, type Endpoint } from './endpoint'
import { Handover } from './handover'
import { type LinkLimits, wireLimits } from './limits'
import { Link } from './link'
import type { LinkState, LinkStats, PeerIdentity } from './link-events'
import { MessageReader } from './message-reader'
import type { EndOptions } from './options'
import { Pacer } from './pacer'
import {
  createReceivingSocket,
  type Incoming,
  openEnvelope,
  type ReceivingSocket,
  sendAnswer,
  tooManyParts,
  WITHOUT_ENVELOPE,
} from './receiving-socket'
import { answerTo, type Returned } from './returned'
import { Sources, sourceKey } from './source'
import { Traffic } from './traffic'

const DRAIN_LIMIT = 256
/** For the last answer. */
const LINGER_MS = 200

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

export interface ReceivingLinkOptions extends Omit<EndOptions, 'ports' | 'protocol' | 'address' | 'limits'> {
  endpoint: Endpoint
  maxFps: number
  limits: LinkLimits
  checkFrame?(frame: WireFrame): void
  onFrame(frame: WireFrame, arrival: Arrival): void
  onEnd?(end: WireEnd, arrival: Arrival): void
}

type Received = { frame: WireFrame; arrival: Arrival }

/** Receives frames over one port: reads, checks, counts and answers each message, and hands on its frame. */
export class ReceivingLink {
  returned: Returned | undefined
  readonly #options: ReceivingLinkOptions
  readonly #link: Link<ReceivingSocket>
  readonly #traffic: Traffic
  readonly #reader: MessageReader
  readonly #sources: Sources<Pacer<Received>>
  readonly #handover: Handover<Received>
  /** Whether each message is answered. */
  readonly #lockStep: boolean
  readonly #answerPause = new AnswerPause()
  #receivedBytes = 0
  #closed = false

  constructor(options: ReceivingLinkOptions) {
    this.#options = options
    this.#lockStep = options.pattern !== 'pubsub'
    this.#reader = new MessageReader(wireLimits(options.limits), options.checkFrame)
    const { endpoint, mode, pattern, security, onEvent, limits } = options
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
    this.#handover = new Handover({
      lockStep: this.#lockStep,
      deliver: (source, received) => {
        // What was read before it was closed may still be handed on with care.
        if (this.#closed) this.#traffic.meter.dropped += 1
        else this.#sources.kept(source).offer(received)
      },
      dropped: () => this.#traffic.dropped(),
    })
    this.#link = new Link<ReceivingSocket>({
      endpoint,
      mode,
      pattern,
      security,
      exclusive: pattern === 'pair',
      limits,
      create: (base) => createReceivingSocket(pattern, base),
      serve: (socket) => this.#serve(socket),
      onEvent: (event) => onEvent?.(event),
      onChange: () => {
        if (this.#link?.peers === 0) this.#answerPause.nobodyWaits()
        options.onChange?.()
      },
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
    this.#closed = true
    this.#sources.close()
    this.#traffic.close()
    if (!this.#lockStep || this.#link.peers === 0) return this.#link.close()
    await this.#answerPause.next()
    await this.#link.close(LINGER_MS)
  }

  async #serve(socket: ReceivingSocket): Promise<void> {
    try {
      while (!socket.closed) {
        const message = await socket.receive()
        this.#handover.begin()
        await this.#take(socket, message)
        await this.#drain(socket)
        await this.#handover.finish(() => this.#drain(socket))
        await nextTurn()
        this.#handover.settle()
        noteShortLived(this.#receivedBytes)
        this.#receivedBytes = 0
      }
    } catch (error) {
      // closed while we waited; the link opens the next one
      if (!socket.closed) throw error
    }
  }

  /** Reads what libzmq holds for us. Gives how many messages that were. */
  async #drain(socket: ReceivingSocket): Promise<number> {
    let drained = 0
    while (socket.readable && drained < DRAIN_LIMIT) {
      await this.#take(socket, await socket.receive())
      drained += 1
    }
    return drained
  }

  async #take(socket: ReceivingSocket, message: Buffer[]): Promise<void> {
    this.#link.heard()
    const tooMany = tooManyParts(message)
    if (tooMany) {
      this.reject(tooMany)
      this.renew()
      return
    }
    const incoming = openEnvelope(this.#options.pattern, message)
    if (!incoming) {
      this.reject(WITHOUT_ENVELOPE)
      return
    }
    const decoded = this.#decode(incoming)
    if (this.#lockStep) {
      // Also an invalid message is answered, so that its sender can go on with the next.
      const answer = () => this.#answer(socket, incoming, decoded)
      if (decoded?.kind === 'frame') await this.#handover.answerFrame(answer)
      else await answer()
    }
    if (decoded?.kind === 'frame') this.#collect(decoded)
    if (decoded?.kind === 'end' && !this.#closed) {
      this.#handover.flush()
      this.#sources.kept(sourceKey(decoded)).flush()
      this.#ended(decoded)
    }
  }

  #decode({ parts }: Incoming): WireFrame | WireEnd | undefined {
    try {
      return this.#reader.read(parts)
    } catch (error) {
      this.reject(asInvalid(error))
      return undefined
    }
  }

  async #answer(socket: ReceivingSocket, incoming: Incoming, decoded: WireFrame | WireEnd | undefined): Promise<void> {
    const answer = answerTo(decoded, this.returned, this.port, (error) => this.reject(error))
    await sendAnswer(socket, incoming, answer)
    if (!socket.readable) this.#answerPause.begins()
  }

  #collect(frame: WireFrame): void {
    const lost = this.#sources.arrived(frame)
    if (lost === undefined) return
    const latency = latencySince(frame.timestamp)
    this.#traffic.meter.count(frame.body.length)
    this.#receivedBytes += frame.body.length
    fitHeapRoom(frame.body.length)
    this.#traffic.meter.lost += lost
    if (latency !== undefined) this.#traffic.meter.latency(latency)
    this.#handover.add(sourceKey(frame), { frame, arrival: this.#arrival(lost, latency) })
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
    const arrival: Arrival = { port: this.port, lost }
    if (latency !== undefined) arrival.latency = latency
    if (peer) arrival.peer = peer
    return arrival
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
