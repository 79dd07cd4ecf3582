import type { Pair, Router, Socket, Subscriber } from 'zeromq'
import { NetgearError } from '../wire/error'
import type { Pattern } from './options'
import type { BaseSocketOptions } from './socket-options'
import { sharedZeroMq } from './zeromq'

/** How many frames libzmq may hold for us from one peer; the newest is waited for by reading it empty. */
const RECEIVE_QUEUE = 2
const ANSWER_QUEUE = 64
/** Taking so many parts over from libzmq holds up the event loop for a few milliseconds. A frame has two, and a short envelope. */
const MOST_PARTS = 1024

/** What a receiver reads from: messages without their envelope, and a way to answer each. */
export type ReceivingSocket = Socket & Pick<Pair | Router | Subscriber, 'receive' | 'readable'>

export function createReceivingSocket(pattern: Pattern, base: BaseSocketOptions): ReceivingSocket {
  const { zmq } = sharedZeroMq()
  if (pattern === 'pubsub') {
    const socket = new zmq.Subscriber({ ...base, receiveHighWaterMark: RECEIVE_QUEUE })
    socket.subscribe()
    return socket
  }
  const options = { ...base, receiveHighWaterMark: RECEIVE_QUEUE, sendHighWaterMark: ANSWER_QUEUE, sendTimeout: 0 }
  // A ROUTER speaks with REQ as a REP does, but owes nobody an answer before the next message can be read.
  return pattern === 'pair' ? new zmq.Pair(options) : new zmq.Router(options)
}

/** One message as it came: `envelope` is what has to go before its answer, `parts` what the sender wrote. */
export interface Incoming {
  envelope: Buffer[]
  parts: Buffer[]
}

/** Why a message holds too many parts to be looked at, where it does. They have cost their time already: it must not come again. */
export function tooManyParts({ length }: Buffer[]): NetgearError | undefined {
  if (length <= MOST_PARTS) return undefined
  return new NetgearError(
    'NETGEAR_PARTS',
    `A message of ${length} parts came, where a frame has two, and everybody was cut off for it. Whoever sent it is one that was let in.`,
  )
}

/** Of what no answer can find its way back. */
export const WITHOUT_ENVELOPE = new NetgearError(
  'NETGEAR_PARTS',
  'A message without a request envelope came: its sender speaks another pattern.',
)

/**
 * Takes the envelope off. A request's is the peer's routing id, then what the peer put before the empty delimiter (ZeroMQ's
 * request-reply pattern, rfc.zeromq.org/spec/28). Undefined where a peer sent none: it speaks another pattern.
 */
export function openEnvelope(pattern: Pattern, message: Buffer[]): Incoming | undefined {
  if (pattern !== 'reqrep') return { envelope: [], parts: message }
  const delimiter = message.findIndex((part, index) => index > 0 && part.length === 0)
  if (delimiter === -1) return undefined
  return { envelope: message.slice(0, delimiter + 1), parts: message.slice(delimiter + 1) }
}

/** Sends an answer back; one that the peer does not take off our hands is given up. */
export async function sendAnswer(socket: ReceivingSocket, { envelope }: Incoming, answer: Buffer[]): Promise<void> {
  if (!('send' in socket)) return
  try {
    await (socket as Pair).send([...envelope, ...answer])
  } catch {
    // the peer is gone or reads nothing; it will miss the answer and go on by its own time-out
  }
}
