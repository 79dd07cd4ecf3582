import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { jpegOf, matchingEnds, openReceiver, openSender } from '../links'
import { Dice, mutate } from './mutate'

const AT_ONCE = 25
const HOLD_MS = 5

const command = (text: string) => Buffer.from(`\x04${String.fromCharCode(text.length)}${text}`, 'latin1')
const greeting = (mechanism: string) =>
  Buffer.concat([
    Buffer.from('ff00000000000000017f0300', 'hex'),
    Buffer.from(mechanism.padEnd(20, '\0'), 'latin1'),
    Buffer.alloc(32),
  ])

/** What a real peer writes (ZMTP 3.0, rfc.zeromq.org/spec/23; CurveZMQ, /spec/26), to be damaged. */
const CONVERSATIONS = [
  Buffer.concat([
    greeting('NULL'),
    command('\x05READY\x0bSocket-Type\0\0\0\x03PUB\x08Identity\0\0\0\0'),
    Buffer.from('\x01\x02{}\x00\x04\xff\xd8\xff\xd9', 'latin1'),
  ]),
  Buffer.concat([greeting('NULL'), command('\x05ERROR\x03why')]),
  Buffer.concat([greeting('CURVE'), command(`\x05HELLO\x01\0${'\0'.repeat(72)}${'k'.repeat(112)}`)]),
  Buffer.concat([greeting('CURVE'), command(`\x08INITIATE${'c'.repeat(96)}${'b'.repeat(140)}`)]),
  Buffer.concat([greeting('PLAIN'), command('\x05HELLO\x04user\x04pass')]),
]

/**
 * Holds so many damaged conversations on the port of a link that carries a good stream. Rejects if that stream was disturbed: a frame
 * of it does not arrive afterwards, or its connection was lost, or anything else got in where keys are asked for.
 */
export async function fuzzPort(level: 'grassland' | 'ironhouse', conversations: number, seed: number): Promise<void> {
  const ends = await matchingEnds({ pattern: 'pubsub', level })
  const receiver = openReceiver(ends.receiver)
  const sender = openSender(ends.sender)
  await sender.events.first(({ event }) => event === 'connected')
  const [port = 0] = ends.receiver.ports
  try {
    for (let held = 0; held < conversations; held += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => say(port, new Dice(seed + held + index))))
    }
    const good = jpegOf('still there')
    const arrived = receiver.frames.next(({ frame }) => frame.body.equals(good))
    sender.end.send({ encoding: 'jpeg', body: good })
    await arrived
    assert.ok(level === 'grassland' || receiver.frames.all.length === 1)
    assert.equal(sender.events.all.filter(({ event }) => event === 'disconnected').length, 0)
  } finally {
    await Promise.all([sender.end.close(), receiver.end.close()])
  }
}

async function say(port: number, dice: Dice): Promise<void> {
  const line = connect(port, '127.0.0.1')
  line.on('error', () => undefined).resume()
  const closed = new Promise((resolve) => line.once('close', resolve))
  line.write(mutate(dice.pick(CONVERSATIONS), dice))
  setTimeout(() => line.end(), HOLD_MS)
  await closed
}
