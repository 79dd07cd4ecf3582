import type { Dealer, Pair, Socket, XPublisher } from 'zeromq'
import type { Pattern } from './options'
import type { BaseSocketOptions } from './socket-options'
import { sharedZeroMq } from './zeromq'

const SEND_QUEUE = 2
const ID_BYTES = 4

/** What a sender writes frames to and reads answers (pubsub: subscriptions) from. */
export type SendingSocket = Socket & Pick<Dealer | Pair | XPublisher, 'send' | 'receive'>

/**
 * An XPUB speaks with SUB as a PUB does, and tells whether anybody has subscribed. A DEALER speaks with REP as a REQ does, and may
 * have several requests under way (rfc.zeromq.org/spec/28).
 */
export function createSendingSocket(pattern: Pattern, base: BaseSocketOptions, ahead: number): SendingSocket {
  const { zmq } = sharedZeroMq()
  const sendHighWaterMark = Math.max(SEND_QUEUE, ahead)
  if (pattern === 'pubsub') return new zmq.XPublisher({ ...base, sendHighWaterMark })
  // immediate: a frame must not lie in wait for a peer that comes back much later
  const options = { ...base, sendHighWaterMark, immediate: true }
  return pattern === 'pair' ? new zmq.Pair(options) : new zmq.Dealer(options)
}

/** What goes before a message: for reqrep the id that its answer will bring back, and the empty delimiter. */
export function requestEnvelope(pattern: Pattern, id: number): Buffer[] {
  if (pattern !== 'reqrep') return []
  const tag = Buffer.alloc(ID_BYTES)
  tag.writeUInt32BE(id)
  return [tag, Buffer.alloc(0)]
}

/** Takes the envelope off an answer: its id where it has one, and its parts. */
export function openAnswer(pattern: Pattern, message: Buffer[]): { id?: number; parts: Buffer[] } {
  if (pattern !== 'reqrep') return { parts: message }
  const delimiter = message.findIndex((part) => part.length === 0)
  const tag = message[0]
  const parts = message.slice(delimiter + 1)
  return delimiter === 1 && tag?.length === ID_BYTES ? { id: tag.readUInt32BE(), parts } : { parts }
}

/** The topics that somebody has subscribed to: an XPUB tells each when its first subscriber comes and when its last one goes. */
export class Subscriptions {
  readonly #topics = new Set<string>()

  get some(): boolean {
    return this.#topics.size > 0
  }

  /** Takes what came from an XPUB; anything but a subscription or its end changes nothing. */
  take([message]: Buffer[]): void {
    const topic = message?.toString('latin1', 1) ?? ''
    if (message?.[0] === 1) this.#topics.add(topic)
    if (message?.[0] === 0) this.#topics.delete(topic)
  }

  clear(): void {
    this.#topics.clear()
  }
}
