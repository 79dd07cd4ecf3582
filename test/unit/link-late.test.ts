import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import * as zmq from 'zeromq'
import { Receiver } from '../../lib/link/receiver'
import { blockEventLoop } from '../block'
import { EndProcess } from '../chaos/end-process'
import { Gathered, jpegOf, matchingEnds, openReceiver, openSender } from '../links'

const KILLED_MS = 60
/** Nothing waits longer than five seconds. */
const EXPIRED_MS = 6000
const LATER_MS = 1000

for (const pattern of ['pair', 'reqrep'] as const) {
  test(`${pattern}: a frame for a receiver that has just died does not come to the next one much later`, async () => {
    const ends = await matchingEnds({ pattern, level: 'ironhouse' })
    const first = await EndProcess.start({ role: 'receiver', options: ends.receiver })
    const sender = openSender(ends.sender)
    let second: ReturnType<typeof openReceiver> | undefined
    try {
      await sender.events.first(({ event }) => event === 'connected')
      const killed = first.signal('SIGKILL')
      // The event loop does not hear of it in time, libzmq does.
      blockEventLoop(KILLED_MS)
      sender.end.send({ encoding: 'jpeg', body: jpegOf('for the dead') })
      await killed
      await sender.events.first(({ event }) => event === 'disconnected')
      sender.end.send({ encoding: 'jpeg', body: jpegOf('for the next') })
      await sender.events.first(({ event }) => event === 'dropped')
      second = openReceiver(ends.receiver)
      const { frame } = await second.frames.first(() => true)
      assert.deepEqual(frame.body, jpegOf('for the next'))
      const { frames, dropped } = sender.end.stats()
      assert.deepEqual({ frames, dropped }, { frames: 1, dropped: 1 })
    } finally {
      await Promise.all([sender.end.close(), second?.end.close()])
    }
  })
}

test('nothing is handed on any more once a receiver is closed, also to a consumer that holds up the event loop', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland' })
  const sender = await EndProcess.start({ role: 'sender', options: ends.sender, fps: 100, frameBytes: 1000 })
  let late = 0
  try {
    for (let round = 0; round < 5; round += 1) {
      let came = 0
      let closed = false
      const frames = new Gathered<number>()
      const receiver = new Receiver({
        ...ends.receiver,
        onFrame: () => {
          came += 1
          if (closed) late += 1
          else setImmediate(() => blockEventLoop(40))
          frames.add(came)
        },
      })
      await frames.count(4 + round)
      await receiver.close()
      closed = true
      await delay(100)
    }
    assert.equal(late, 0)
  } finally {
    await sender.signal('SIGKILL')
  }
})

test('a receiver that closes answers the frame that is under way first: a NetGear would come back without encryption', async () => {
  const ends = await matchingEnds({ pattern: 'reqrep', level: 'grassland' })
  const peer = new zmq.Request({ linger: 0, receiveTimeout: 2000 })
  peer.connect(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
  const header = JSON.stringify({
    terminate_flag: false,
    compression: { colorspace: 'BGR' },
    message: null,
    pattern: 1,
  })
  try {
    for (let round = 0; round < 5; round += 1) {
      const receiver = openReceiver(ends.receiver)
      for (let frame = 0; frame < 2; frame += 1) {
        await peer.send([header, jpegOf('frame')])
        await peer.receive()
      }
      const closed = peer.send([header, jpegOf('under way')]).then(() => receiver.end.close())
      assert.match(String(await peer.receive()), /return_type/)
      await closed
    }
  } finally {
    peer.close()
  }
})

describe('an end of stream that nobody was there for in time', { concurrency: true }, () => {
  for (const pattern of ['pubsub', 'pair', 'reqrep'] as const) {
    test(`${pattern}: neither stops who comes later, nor shows him the last frame before it`, async () => {
      const ends = await matchingEnds({ pattern, level: 'grassland' })
      const sender = openSender(ends.sender)
      const before = openReceiver(ends.receiver)
      await sender.events.first(({ event }) => event === 'connected')
      sender.end.send({ encoding: 'jpeg', body: jpegOf('of yesterday') })
      await before.frames.first(() => true)
      await before.end.close()
      await sender.events.first(({ event }) => event === 'disconnected')
      sender.end.end()
      await delay(EXPIRED_MS)
      const came = new Gathered<string>()
      const receiver = new Receiver({
        ...ends.receiver,
        onFrame: ({ body, repeat }) => came.add(`${repeat ? 'again ' : ''}${body.subarray(2, -2)}`),
        onEnd: () => came.add('end'),
      })
      try {
        await sender.events.next(({ event }) => event === 'connected')
        await delay(LATER_MS)
        sender.end.send({ encoding: 'jpeg', body: jpegOf('of today') })
        await came.first((what) => what === 'of today')
        assert.deepEqual(came.all, ['of today'])
      } finally {
        await Promise.all([sender.end.close(), receiver.close()])
      }
    })
  }
})
