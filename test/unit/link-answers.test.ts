import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as zmq from 'zeromq'
import { InFlight } from '../../lib/link/in-flight'
import { DEFAULT_LINK_LIMITS } from '../../lib/link/limits'
import { createSendingSocket } from '../../lib/link/sending-socket'
import { baseSocketOptions } from '../../lib/link/socket-options'
import { sharedZeroMq } from '../../lib/link/zeromq'
import type { Answer } from '../../lib/wire/answer'
import { encodeAnswer } from '../../lib/wire/answer'
import { Gathered, jpegOf, matchingEnds, openReceiver, openSender } from '../links'

const answerOf = (returned: number) => encodeAnswer({ port: '5555', returned })

/** A sender and a receiver that answers as a test wants it: for reqrep with the envelope of what it read. */
async function connected(pattern: 'pair' | 'reqrep', window = 1) {
  const ends = await matchingEnds({ pattern, level: 'grassland' })
  const peer = pattern === 'pair' ? new zmq.Pair({ linger: 0 }) : new zmq.Router({ linger: 0 })
  peer.bindSync(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
  const answers = new Gathered<Answer>()
  const { end, events } = openSender({
    ...ends.sender,
    window,
    queue: window,
    onAnswer: (answer) => answers.add(answer),
  })
  await events.first(({ event }) => event === 'connected')
  const send = () => end.send({ encoding: 'jpeg', body: jpegOf('frame') })
  const receive = async () => (await peer.receive()).slice(0, pattern === 'pair' ? 0 : 3)
  const close = async () => {
    peer.close()
    await end.close()
  }
  return { peer, end, events, answers, send, receive, close }
}

describe('answers that nobody asked for are counted and told, and not handed on', () => {
  for (const pattern of ['pair', 'reqrep'] as const) {
    test(pattern, async () => {
      const { peer, end, events, answers, send, receive, close } = await connected(pattern)
      try {
        send()
        const envelope = await receive()
        for (let answer = 0; answer < 5; answer += 1) await peer.send([...envelope, ...answerOf(answer)])
        const told = await events.first(({ event }) => event === 'invalid')
        assert.equal(told.event === 'invalid' && told.code, 'NETGEAR_ANSWER_INVALID')
        // a second's worth of them is told at once, only the figures follow each
        while (end.stats().invalid < 4) await nextTurn()
        send()
        await peer.send([...(await receive()), ...answerOf(6)])
        await answers.count(2)
        assert.deepEqual(
          answers.all.map((answer) => answer.kind === 'data' && answer.data),
          [0, 6],
        )
        assert.equal(end.stats().invalid, 4)
      } finally {
        await close()
      }
    })
  }
})

test('large answers are read for a share of the time, and small ones always', async () => {
  const window = 40
  const { peer, end, events, answers, send, receive, close } = await connected('pair', window)
  // NaN keeps the fast parser from it
  const large = `{"return_type": "list", "data": [${'[],'.repeat(300_000)}NaN]}`
  const loop = monitorEventLoopDelay({ resolution: 5 })
  try {
    for (let frame = 0; frame < window; frame += 1) send()
    for (let frame = 0; frame < window; frame += 1) await receive()
    const sent = (async () => {
      for (let frame = 1; frame < window; frame += 1) await peer.send(large)
      await peer.send(answerOf(7))
    })()
    loop.enable()
    await answers.first((answer) => answer.kind === 'data' && answer.data === 7)
    loop.disable()
    await sent
    assert.ok(loop.max / 1e6 < 700, `the event loop stood still for ${loop.max / 1e6} ms`)
    assert.ok(events.all.some((event) => event.event === 'invalid' && event.code === 'NETGEAR_TOO_MUCH_DATA'))
    assert.equal(end.stats().invalid + answers.all.length, window)
  } finally {
    await close()
  }
})

for (const pattern of ['pair', 'reqrep'] as const) {
  test(`${pattern}: only a stream that has begun can end, and only once`, async () => {
    const ends = await matchingEnds({ pattern, level: 'grassland' })
    const receiver = openReceiver(ends.receiver)
    const sender = openSender(ends.sender)
    const ended = () => receiver.events.all.filter(({ event }) => event === 'ended').length
    try {
      sender.end.end()
      for (const content of ['one', 'two']) {
        const next = receiver.frames.next()
        sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
        await next
        const before = ended()
        assert.equal(before, content === 'one' ? 0 : 1)
        const told = receiver.events.next(({ event }) => event === 'ended')
        sender.end.end()
        await told
        sender.end.end()
      }
      await sender.end.close({ endOfStream: true })
      assert.equal(ended(), 2)
    } finally {
      await Promise.all([sender.end.close(), receiver.end.close()])
    }
  })
}

test('the end of a pair stream may be answered, as our receivers do', async () => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
  const receiver = openReceiver(ends.receiver)
  const sender = openSender(ends.sender)
  try {
    for (let stream = 0; stream < 2; stream += 1) {
      const arrived = receiver.frames.next()
      const ended = receiver.events.next(({ event }) => event === 'ended')
      sender.end.send({ encoding: 'jpeg', body: jpegOf('frame') })
      await arrived
      sender.end.end()
      await ended
    }
    assert.equal(sender.end.stats().invalid, 0)
  } finally {
    await Promise.all([sender.end.close(), receiver.end.close()])
  }
})

test('an answer is owed to each frame once, also when it comes late', () => {
  const inFlight = new InFlight()
  const first = inFlight.sent()
  inFlight.sent()
  assert.ok(inFlight.answered(first).roundTrip !== undefined)
  inFlight.giveUpAll()
  assert.equal(inFlight.count, 0)
  assert.deepEqual(inFlight.answered(), { owed: true })
  assert.deepEqual(inFlight.answered(), { owed: false })
  assert.deepEqual(inFlight.answered(first), { owed: false })
})

test('libzmq holds no more answers than there are frames in flight', () => {
  const base = baseSocketOptions(sharedZeroMq().context, DEFAULT_LINK_LIMITS, false)
  for (const pattern of ['pair', 'reqrep'] as const) {
    for (const [window, held] of [
      [1, 2],
      [8, 8],
    ] as const) {
      const socket = createSendingSocket(pattern, base, { queue: 1, window })
      assert.equal((socket as zmq.Pair | zmq.Dealer).receiveHighWaterMark, held)
      socket.close()
    }
  }
})
