import type { Dealer, Pair, Socket, XPublisher } from 'zeromq'
import { NetgearError } from '../wire/error'
import type { Pattern } from './options'
import type { BaseSocketOptions } from './socket-options'
import { sharedZeroMq } from './zeromq'

const SEND_QUEUE = 2
/** As many answers are under way as frames; a peer that sends more has to wait. */
const ANSWER_QUEUE = 2
const ID_BYTES = 4
// libzmq takes up to a hundred times the length of a topic, at the sender's end. NetGear's subscribers want "", which is everything.
const LONGEST_SUBSCRIPTION = 1024
const SUBSCRIPTION_QUEUE = 16
const MOST_TOPICS = 1000
const MOST_TOPIC_BYTES = 64 * 1024

/** What a sender writes frames to and reads answers (pubsub: subscriptions) from. */
export type SendingSocket = Socket & Pick<Dealer | Pair | XPublisher, 'send' | 'receive'>

/**
 * An XPUB speaks with SUB as a PUB does, and tells whether anybody has subscribed. A DEALER speaks with REP as a REQ does, and may
 * have several requests under way (rfc.zeromq.org/spec/28). `queue` frames may wait, `window` may be unanswered.
 */
export function createSendingSocket(
  pattern: Pattern,
  base: BaseSocketOptions,
  { queue, window }: { queue: number; window: number },
): SendingSocket {
  const { zmq } = sharedZeroMq()
  const sendHighWaterMark = Math.max(SEND_QUEUE, queue, window)
  if (pattern === 'pubsub') {
    const bounds = { maxMessageSize: LONGEST_SUBSCRIPTION, receiveHighWaterMark: SUBSCRIPTION_QUEUE }
    return new zmq.XPublisher({ ...base, ...bounds, sendHighWaterMark })
  }
  // immediate: a frame must not lie in wait for a peer that comes back much later
  const receiveHighWaterMark = Math.max(ANSWER_QUEUE, window)
  const options = { ...base, sendHighWaterMark, receiveHighWaterMark, immediate: true }
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
  #bytes = 0

  get some(): boolean {
    return this.#topics.size > 0
  }

  /** Whether there are more than any peer of good will has. libzmq keeps them all until their subscribers are gone. */
  get tooMany(): boolean {
    return this.#topics.size > MOST_TOPICS || this.#bytes > MOST_TOPIC_BYTES
  }

  /** Takes what came from an XPUB; anything but a subscription or its end changes nothing. */
  take([message]: Buffer[]): void {
    const topic = message?.toString('latin1', 1) ?? ''
    const known = this.#topics.has(topic)
    if (message?.[0] === 1 && !known) {
      this.#topics.add(topic)
      this.#bytes += topic.length
    }
    if (message?.[0] === 0 && known) {
      this.#topics.delete(topic)
      this.#bytes -= topic.length
    }
  }

  clear(): void {
    this.#topics.clear()
    this.#bytes = 0
  }
}

/** Why every subscriber was cut off. */
export const TOO_MANY_TOPICS = new NetgearError(
  'NETGEAR_TOO_MANY_TOPICS',
  `Somebody subscribed to more than ${MOST_TOPICS} topics, or ${MOST_TOPIC_BYTES / 1024} KiB of them, which no NetGear does; all ` +
    'subscribers were cut off and may come back. Look for the one that does so, and trust it no longer.',
)
