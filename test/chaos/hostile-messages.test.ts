import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as zmq from 'zeromq'
import { encodeFrame } from '../../lib/wire/message'
import { assertNothingEscapes } from '../escapes'
import { type End, jpegOf, matchingEnds, openReceiver, openSender } from '../links'

assertNothingEscapes()

const raw = (shape: unknown, dtype: unknown = 'uint8') =>
  JSON.stringify({ terminate_flag: false, compression: false, message: null, pattern: '0', dtype, shape })
const compressed = JSON.stringify({ terminate_flag: false, compression: { colorspace: 'BGR' }, dtype: '', shape: '' })
const pixels = Buffer.alloc(12)
const deep = 200_000

/** What a receiver must not take for a frame, and how it has to call it. */
const GARBAGE: [string, (string | Buffer)[], RegExp][] = [
  ['a header that is not JSON', ['{"terminate_flag": fal', pixels], /NOT_JSON/],
  ['a header that is no text', [Buffer.from([0xff, 0xfe, 0x00, 0x81]), pixels], /NOT_JSON/],
  ['a header that is a list', ['[1, 2]', pixels], /HEADER_INVALID/],
  ['a header nested without end', ['['.repeat(deep) + ']'.repeat(deep), pixels], /HEADER/],
  [
    'data nested without end',
    [`{"terminate_flag":false,"message":${'['.repeat(deep)}${']'.repeat(deep)}}`, pixels],
    /./,
  ],
  ['a header of 2 MiB', [raw([2, 2, 3]).padEnd(2 * 1024 ** 2), pixels], /HEADER_TOO_LARGE/],
  ['a shape larger than the pixels', [raw([20, 20, 3]), pixels], /SHAPE/],
  ['a shape smaller than the pixels', [raw([1, 1, 3]), pixels], /SHAPE/],
  ['a shape of gigabytes', [raw([60_000, 60_000, 3]), pixels], /SHAPE|TOO_LARGE/],
  ['a shape beyond every number', [raw([1e300, 1e300, 3]), pixels], /SHAPE|TOO_LARGE/],
  ['a shape with negative sides', [raw([-2, -2, 3]), pixels], /SHAPE/],
  ['a shape that is text', [raw('2x2'), pixels], /SHAPE/],
  ['a dtype that is none', [raw([2, 2, 3], 'object'), pixels], /DTYPE/],
  ['a JPEG that is none', [compressed, pixels], /NOT_JPEG/],
  ['an empty frame', [compressed, ''], /FRAME_EMPTY/],
  ['two empty parts', ['', ''], /HEADER_NOT_JSON/],
  ['one empty part', [''], /HEADER_NOT_JSON/],
  ['one part', [raw([2, 2, 3])], /PARTS/],
  ['three parts', [raw([2, 2, 3]), pixels, pixels], /PARTS/],
  ['1000 parts', Array.from({ length: 1000 }, () => 'x'), /PARTS/],
]

const good = (pattern: '0' | '1' | '2', seq: number) =>
  encodeFrame({ encoding: 'jpeg', body: jpegOf(`good ${seq}`), pattern, seq, stream: '0123abcd' })

describe('a receiver counts and reports what is no frame, answers it, and takes the next frame', () => {
  for (const pattern of ['pair', 'reqrep'] as const) {
    test(pattern, async () => {
      const ends = await matchingEnds({ pattern, level: 'grassland' })
      const receiver = openReceiver(ends.receiver)
      const peer = pattern === 'pair' ? new zmq.Pair({ linger: 0 }) : new zmq.Request({ linger: 0 })
      peer.connect(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
      try {
        let seq = 0
        for (const [what, parts, code] of GARBAGE) {
          const invalid = receiver.end.stats().invalid
          await peer.send(parts)
          const [answer] = await peer.receive()
          assert.match(String(answer), /return_type/, what)
          assert.equal(receiver.end.stats().invalid, invalid + 1, what)
          assert.ok(told(receiver.events.all, code), `${what} is not told as ${code}`)
          const arrived = receiver.frames.next()
          await peer.send(good(pattern === 'pair' ? '0' : '1', seq))
          await peer.receive()
          assert.deepEqual((await arrived).frame.body, jpegOf(`good ${seq}`), what)
          seq += 1
        }
        assert.equal(receiver.frames.all.length, GARBAGE.length)
        assert.ok(receiver.events.all.every(({ event }) => event !== 'disconnected' && event !== 'refused'))
      } finally {
        peer.close()
        await receiver.end.close()
      }
    })
  }

  test('pubsub', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland' })
    const receiver = openReceiver(ends.receiver)
    const peer = new zmq.XPublisher({ linger: 0 })
    peer.connect(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
    try {
      await peer.receive()
      for (const [index, [what, parts]] of GARBAGE.entries()) {
        const arrived = receiver.frames.next()
        await peer.send(parts)
        await peer.send(good('2', index))
        assert.deepEqual((await arrived).frame.body, jpegOf(`good ${index}`), what)
        assert.equal(receiver.end.stats().invalid, index + 1, what)
      }
    } finally {
      peer.close()
      await receiver.end.close()
    }
  })

  test('a request without an envelope', async () => {
    const ends = await matchingEnds({ pattern: 'reqrep', level: 'grassland' })
    const receiver = openReceiver(ends.receiver)
    const peer = new zmq.Dealer({ linger: 0 })
    peer.connect(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
    try {
      await peer.send(['no envelope', 'at all'])
      await peer.send(['', ...good('1', 1)])
      const { frame } = await receiver.frames.first(() => true)
      assert.deepEqual(frame.body, jpegOf('good 1'))
      assert.equal(receiver.end.stats().invalid, 1)
    } finally {
      peer.close()
      await receiver.end.close()
    }
  })
})

describe('a sender counts and reports answers that are none, and goes on', () => {
  const ANSWERS: (string | Buffer)[][] = [
    [Buffer.from([0xff, 0xfe])],
    ['{"return_type": "ndarray", "compression": false, "array_shape": [9e9, 9e9, 3]}', 'x'],
    ['{"return_type": "ndarray", "array_dtype": "object"}', 'x'],
    ['a', 'b', 'c'],
    Array.from({ length: 1000 }, () => 'x'),
    ['', ''],
  ]
  for (const pattern of ['pair', 'reqrep'] as const) {
    test(pattern, async () => {
      const ends = await matchingEnds({ pattern, level: 'grassland' })
      const peer = pattern === 'pair' ? new zmq.Pair({ linger: 0 }) : new zmq.Reply({ linger: 0 })
      peer.bindSync(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
      const answered: unknown[] = []
      const sender = openSender({ ...ends.sender, onAnswer: (answer) => answered.push(answer) })
      try {
        for (const [index, answer] of [...ANSWERS, ['fine'], ['fine']].entries()) {
          sender.end.send({ encoding: 'jpeg', body: jpegOf(`${index}`) })
          const [, body] = await peer.receive()
          assert.deepEqual(body, jpegOf(`${index}`))
          await peer.send(answer)
        }
        assert.ok(sender.end.stats().invalid >= 4, `${sender.end.stats().invalid} invalid`)
        assert.ok(sender.events.all.some(({ event }) => event === 'invalid'))
      } finally {
        peer.close()
        await sender.end.close()
      }
    })
  }

  test('a subscriber that takes back one of its subscriptions does not stop the others', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland', binds: 'sender' })
    const sender = openSender(ends.sender)
    const receiver = openReceiver(ends.receiver)
    const odd = new zmq.XSubscriber({ linger: 0 })
    odd.connect(`tcp://127.0.0.1:${ends.sender.ports[0]}`)
    try {
      while (sender.end.stats().peers < 2) await sender.events.next()
      await odd.send('\x01odd')
      await odd.send('\x00odd')
      const later = openReceiver(ends.receiver)
      await sender.events.next(isConnected)
      const arrived = receiver.frames.next()
      sender.end.send({ encoding: 'jpeg', body: jpegOf('still') })
      assert.deepEqual((await arrived).frame.body, jpegOf('still'))
      await later.end.close()
    } finally {
      odd.close()
      await closeAll(receiver, sender)
    }
  })
})

function told(events: readonly { event: string; code?: string }[], code: RegExp): boolean {
  return events.some((event) => event.event === 'invalid' && code.test(event.code ?? ''))
}

function isConnected({ event }: { event: string }): boolean {
  return event === 'connected'
}

async function closeAll(...ends: End<{ close(): Promise<void> }>[]): Promise<void> {
  await Promise.all(ends.map(({ end }) => end.close()))
}
