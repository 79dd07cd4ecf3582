import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import * as zmq from 'zeromq'
import { jpegOf, matchingEnds, openReceiver, openSender } from '../links'

const MEGABYTE = 1024 ** 2

/** A subscriber by hand: greeting and READY of ZMTP 3.0 without security, and then its subscription to everything. */
const SUBSCRIBER = Buffer.concat([
  Buffer.from('ff00000000000000017f0300', 'hex'),
  Buffer.from('NULL'),
  Buffer.alloc(48),
  Buffer.from('\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB', 'latin1'),
])
const SUBSCRIPTION = Buffer.from([0, 1, 1])

describe('limits of a link', () => {
  test('as many peers as it says come in; the next is refused with words, until one leaves', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const receiver = openReceiver({ ...ends.receiver, limits: { connections: 2 } })
    const senders = [openSender(ends.sender), openSender(ends.sender)] as const
    try {
      for (const { events } of senders) await events.first(({ event }) => event === 'connected')
      const third = openSender(ends.sender)
      const refused = await receiver.events.first(({ event }) => event === 'refused')
      assert.equal(refused.event === 'refused' && refused.code, 'NETGEAR_TOO_MANY_CONNECTIONS')
      await third.events.first(({ event }) => event === 'refused')
      assert.equal(receiver.end.stats().peers, 2)
      await senders[0].end.close()
      await third.events.first(({ event }) => event === 'connected')
      await third.end.close()
    } finally {
      await Promise.all([...senders, receiver].map(({ end }) => end.close()))
    }
  })

  test('who says nothing is cut off after the handshake time', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const receiver = openReceiver({ ...ends.receiver, limits: { handshakeSeconds: 1 } })
    await receiver.events.first(({ event }) => event === 'listening')
    const line = connect(ends.receiver.ports[0] as number, '127.0.0.1').resume()
    const begin = performance.now()
    await once(line, 'close')
    const took = performance.now() - begin
    assert.ok(took > 900 && took < 5000, `after ${took} ms`)
    await receiver.end.close()
  })

  test('a frame beyond the limit is not sent, and cut off where it comes', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland' })
    const receiver = openReceiver({ ...ends.receiver, limits: { frameMegabytes: 1 } })
    const sender = openSender({ ...ends.sender, limits: { frameMegabytes: 1 } })
    await sender.events.first(({ event }) => event === 'connected')
    const tooLarge = jpegOf(2 * MEGABYTE)
    assert.throws(() => sender.end.send({ encoding: 'jpeg', body: tooLarge }), { code: 'NETGEAR_FRAME_TOO_LARGE' })
    const peer = new zmq.Publisher({ linger: 0 })
    peer.connect(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
    const repeating = setInterval(() => void peer.send(['{}', tooLarge]), 20)
    try {
      await receiver.events.first((event) => event.event === 'refused' && event.code === 'NETGEAR_PEER_CUT_OFF')
      const arrived = receiver.frames.next()
      sender.end.send({ encoding: 'jpeg', body: jpegOf(MEGABYTE / 2) })
      assert.equal((await arrived).frame.body.length, MEGABYTE / 2 + 4)
    } finally {
      clearInterval(repeating)
      peer.close()
      await Promise.all([sender.end.close(), receiver.end.close()])
    }
  })
})

test('subscribers that read nothing take neither memory nor frames from the one that reads', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland', binds: 'sender' })
  const sender = openSender(ends.sender)
  const receiver = openReceiver(ends.receiver)
  const idle: Socket[] = []
  try {
    await receiver.events.first(({ event }) => event === 'connected')
    for (let peer = 0; peer < 20; peer += 1) {
      const line = connect(ends.sender.ports[0] as number, '127.0.0.1', () => line.write(SUBSCRIBER))
      idle.push(line.pause().on('error', () => undefined))
    }
    while (sender.end.stats().peers < 21) await sender.events.next()
    for (const line of idle) line.write(SUBSCRIPTION)
    const before = process.memoryUsage().rss
    for (let frame = 0; frame < 60; frame += 1) {
      const arrived = receiver.frames.next()
      sender.end.send({ encoding: 'jpeg', body: jpegOf(MEGABYTE) })
      await arrived
    }
    const growth = (process.memoryUsage().rss - before) / MEGABYTE
    // the 60 received ones are kept here
    assert.ok(growth < 300, `${growth.toFixed(0)} MiB more`)
  } finally {
    for (const line of idle) line.destroy()
    await Promise.all([sender.end.close(), receiver.end.close()])
  }
})
