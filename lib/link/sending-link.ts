import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { fitHeapRoom } from '../memory/heap-room'
import { encodeEnd, encodeFrame, PATTERN_NUMBER } from '../wire/message'
import { Answers } from './answers'
import { changedSince } from './changed-since'
import { InFlight } from './in-flight'
import { KeepAlive } from './keep-alive'
import { wireLimits } from './limits'
import { Link } from './link'
import type { LinkState, LinkStats } from './link-events'
import { Outbox } from './outbox'
import type { SendingLinkOptions } from './sending-link-options'
import {
  createSendingSocket,
  requestEnvelope,
  type SendingSocket,
  Subscriptions,
  TOO_MANY_TOPICS,
} from './sending-socket'
import { Silence } from './silence'
import { SshTunnel } from './ssh-tunnel'
import type { MessageSender, StampedFrame } from './stamped-frame'
import { Traffic } from './traffic'

const MAX_WAIT_MS = 5000
const ANSWER_MS = 5000
const TICK_MS = 500
const BURST_PAUSE_MS = 2
const FLUSH_MS = 2000
const FLUSH_STEP_MS = 10
const LINGER_MS = 1000
const READING_MS = 5
const RETRY_MS = 20

type Outgoing = { kind: 'frame'; frame: StampedFrame } | { kind: 'end'; sender: MessageSender }

/** Sends frames over one port: the newest ones, no more at once than the other end takes. */
export class SendingLink {
  readonly #options: SendingLinkOptions
  readonly #link: Link<SendingSocket>
  readonly #traffic: Traffic
  readonly #outbox: Outbox<Outgoing>
  readonly #inFlight = new InFlight()
  readonly #answers: Answers
  readonly #silence: Silence
  readonly #subscriptions = new Subscriptions()
  readonly #keepAlive: KeepAlive
  readonly #tunnel: SshTunnel | undefined
  readonly #tick: NodeJS.Timeout
  #wake: () => void = () => undefined
  /** Where what waits is being written to at the moment. */
  #writesTo: SendingSocket | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(options: SendingLinkOptions) {
    this.#options = options
    const { endpoint, mode, pattern, security, onEvent, onChange, queue, window } = options
    this.#traffic = new Traffic(endpoint, 'the link was busy or nobody was there', (event) => onEvent?.(event))
    this.#outbox = new Outbox(queue, MAX_WAIT_MS, (outgoing) => this.#dropped(outgoing))
    this.#answers = new Answers({
      pattern,
      limits: wireLimits(options.limits),
      inFlight: this.#inFlight,
      traffic: this.#traffic,
      onAnswer: (answer) => options.onAnswer?.(answer, this.port),
    })
    this.#silence = new Silence(TICK_MS, mode === 'connect')
    this.#keepAlive = new KeepAlive(pattern, options.dialect)
    const tunnel = options.tunnel && new SshTunnel(options.tunnel, endpoint, (error) => this.#link.blocked(error))
    this.#tunnel = tunnel
    this.#link = new Link<SendingSocket>({
      endpoint,
      mode,
      pattern,
      security,
      exclusive: pattern === 'pair',
      limits: options.limits,
      ...(tunnel && { nearEnd: () => tunnel.nearEnd() }),
      create: (base) => createSendingSocket(pattern, base, { queue, window }),
      serve: (socket) => this.#serve(socket),
      onEvent: (event) => {
        // Its answers went with it, also where another peer, or the same one anew, is already there.
        if (event.event === 'disconnected') this.#connectionLost()
        onEvent?.(event)
      },
      onChange: () => {
        if (this.#link?.peers === 0) this.#connectionLost()
        this.#wake()
        onChange?.()
      },
    })
    this.#tick = setInterval(() => this.#onTick(), TICK_MS)
    this.#tick.unref()
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

  /** Frames of one burst wait together, as if they were one. */
  send(frame: StampedFrame, burst?: object): void {
    this.#outbox.push({ kind: 'frame', frame }, burst)
    this.#wake()
  }

  /** Tells the other end that the stream ends here, after the frames that wait. */
  sendEnd(sender: MessageSender): void {
    if (this.#options.dialect === 'imagezmq') return // it has no word for it
    this.#outbox.pushLasting({ kind: 'end', sender })
    this.#wake()
  }

  /** With `flush`, what waits is sent first, for at most two seconds. */
  async close(flush: boolean): Promise<void> {
    if (flush && this.#link.peers > 0) await this.#flushed()
    clearInterval(this.#tick)
    clearTimeout(this.#retry)
    this.#outbox.clear()
    this.#traffic.close()
    await this.#link.close(flush ? LINGER_MS : 0)
    this.#tunnel?.close()
  }

  async #serve(socket: SendingSocket): Promise<void> {
    this.#subscriptions.clear()
    this.#connectionLost()
    await Promise.all([this.#read(socket), this.#write(socket)])
  }

  /** Writes until the socket is closed, and rejects where that fails. */
  #write(socket: SendingSocket): Promise<never> {
    return new Promise((_, reject) => {
      this.#wake = () => {
        this.#writeWaiting(socket).catch(reject)
      }
      this.#wake()
    })
  }

  /** Writes what may leave now. The first frame is with libzmq when this returns: what the flow does next takes none of its time. */
  async #writeWaiting(socket: SendingSocket): Promise<void> {
    if (this.#writesTo === socket) return
    this.#writesTo = socket
    try {
      while (!socket.closed && this.#maySend(socket)) {
        const next = this.#outbox.take()
        if (!next) break
        if (next.kind === 'end' && !this.#mayEnd) continue
        const parts = this.#encode(next)
        if (!parts) continue
        await this.#put(socket, next, parts)
        // A PUB throws away what libzmq has not taken off its queue yet, which is as long as ours: a burst may be longer.
        if (this.#options.pattern === 'pubsub' && this.#outbox.burstGoesOn) await delay(BURST_PAUSE_MS)
      }
    } finally {
      // Of a socket that was closed meanwhile this may end after the next one's has begun.
      if (this.#writesTo === socket) this.#writesTo = undefined
    }
  }

  /** Only what the flow gave counts. */
  #dropped(outgoing: Outgoing): void {
    if (outgoing.kind === 'frame' && !outgoing.frame.repeat) this.#traffic.dropped()
  }

  #connectionLost(): void {
    this.#inFlight.giveUpAll()
    this.#silence.reconnected()
  }

  /** A NetGear that receives from several senders dies of the end of a request/reply stream of which it has no frame (netgear.py). */
  get #mayEnd(): boolean {
    return this.#options.pattern === 'pubsub' || this.#keepAlive.begun
  }

  /** Whether anybody would get what is sent now. */
  get #attended(): boolean {
    return this.#link.peers > 0 && (this.#options.pattern !== 'pubsub' || this.#subscriptions.some)
  }

  #maySend(socket: SendingSocket): boolean {
    if (!this.#attended || this.#outbox.empty) return false
    if (this.#options.pattern === 'pubsub') return true
    if (this.#inFlight.count >= this.#options.window) return false
    // libzmq may know already that a peer has gone: what is written to it now would come to the next one, however much later.
    if (socket.writable) return true
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      this.#wake()
    }, RETRY_MS)
    return false
  }

  async #put(socket: SendingSocket, outgoing: Outgoing, parts: Buffer[]): Promise<void> {
    const { pattern } = this.#options
    // NetGear's pair receiver does not answer the end of a stream.
    const mayBeUnanswered = pattern === 'pair' && outgoing.kind === 'end'
    if (mayBeUnanswered) this.#inFlight.sentWithoutWaiting()
    const id = mayBeUnanswered || pattern === 'pubsub' ? 0 : this.#inFlight.sent()
    if (pattern === 'pair' && !mayBeUnanswered)
      this.#silence.answerAwaited(parts.reduce((sum, { length }) => sum + length, 0))
    try {
      await socket.send([...requestEnvelope(pattern, id), ...parts])
    } catch (error) {
      this.#dropped(outgoing)
      throw error
    }
    if (outgoing.kind === 'end') {
      this.#keepAlive.ended()
      return
    }
    this.#keepAlive.sent(outgoing.frame)
    if (outgoing.frame.repeat) return
    const { length } = outgoing.frame.picture.body
    this.#traffic.meter.count(length)
    fitHeapRoom(length)
  }

  /** Reading goes on all the time, also because libzmq lets go of ended connections only while somebody reads or writes. */
  async #read(socket: SendingSocket): Promise<void> {
    const { pattern } = this.#options
    let turnedAt = performance.now()
    while (!socket.closed) {
      const message = await socket.receive()
      this.#link.heard()
      this.#silence.heard()
      if (pattern === 'pubsub') this.#subscribed(message)
      else this.#answers.take(message)
      this.#wake()
      // zeromq hands over message after message without letting the event loop turn.
      if (performance.now() - turnedAt < READING_MS) continue
      await nextTurn()
      turnedAt = performance.now()
    }
  }

  #subscribed(message: Buffer[]): void {
    this.#subscriptions.take(message)
    if (!this.#subscriptions.tooMany) return
    // Whose they are is not known, and libzmq forgets them only with its socket.
    this.#subscriptions.clear()
    this.#traffic.invalid(TOO_MANY_TOPICS)
    this.#link.renew()
  }

  #onTick(): void {
    this.#inFlight.giveUpOlderThan(ANSWER_MS)
    if (!this.#attended && this.#outbox.expireLasting()) this.#keepAlive.ended()
    if (this.#silence.tick()) this.#link.renew()
    const repeat = this.#keepAlive.due()
    if (repeat && this.#outbox.empty && this.#link.peers > 0) this.#outbox.push({ kind: 'frame', frame: repeat })
    this.#wake()
  }

  async #flushed(): Promise<void> {
    const until = performance.now() + FLUSH_MS
    while (performance.now() < until && this.#link.peers > 0 && !(this.#outbox.empty && this.#inFlight.count === 0)) {
      await delay(FLUSH_STEP_MS)
    }
  }

  /** The parts of what goes out; undefined, and told, for a frame that the flow has changed since it handed it over. */
  #encode(outgoing: Outgoing): Buffer[] | undefined {
    const { pattern, endpoint, dialect } = this.#options
    const port = String(endpoint.port)
    if (outgoing.kind === 'end') return encodeEnd(port, outgoing.sender)
    const { picture, data, sender, seq, timestamp, repeat } = outgoing.frame
    const { from, stream } = sender
    const envelope = { dialect, pattern: PATTERN_NUMBER[pattern], port, data, from, seq, timestamp, stream, repeat }
    try {
      // Not spread: that would take ten times as long as the rest.
      return encodeFrame(Object.assign({}, picture, envelope))
    } catch (error) {
      this.#keepAlive.spoilt(outgoing.frame)
      this.#traffic.invalid(changedSince('A frame cannot be sent', error))
      return undefined
    }
  }
}
