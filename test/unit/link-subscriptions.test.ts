import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as zmq from 'zeromq'
import { Subscriptions } from '../../lib/link/sending-socket'
import { isConnected, jpegOf, matchingEnds, openReceiver, openSender } from '../links'

const MEGABYTE = 1024 ** 2

test('a subscriber with a topic of megabytes is cut off before memory is taken, and the others do not notice', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland', binds: 'sender' })
  const sender = openSender(ends.sender)
  const receiver = openReceiver(ends.receiver)
  const mad = new zmq.XSubscriber({ linger: 0 })
  try {
    await receiver.events.first(isConnected)
    mad.connect(`tcp://127.0.0.1:${ends.sender.ports[0]}`)
    while (sender.end.stats().peers < 2) await sender.events.next()
    const before = process.memoryUsage().rss
    const cutOff = sender.events.next(({ event }) => event === 'disconnected')
    await mad.send(subscription('x'.repeat(4 * MEGABYTE)))
    await cutOff
    const arrived = receiver.frames.next()
    sender.end.send({ encoding: 'jpeg', body: jpegOf('still') })
    assert.deepEqual((await arrived).frame.body, jpegOf('still'))
    const growth = (process.memoryUsage().rss - before) / MEGABYTE
    assert.ok(growth < 60, `${growth.toFixed(0)} MiB more`)
    assert.ok(!receiver.events.all.some(({ event }) => event === 'disconnected'))
  } finally {
    mad.close()
    await Promise.all([sender.end.close(), receiver.end.close()])
  }
})

test('a subscriber with topics without end is told and cut off, and the others come back', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland', binds: 'sender' })
  const sender = openSender(ends.sender)
  const receiver = openReceiver(ends.receiver)
  const mad = new zmq.XSubscriber({ linger: 0, reconnectInterval: 60_000 })
  try {
    await receiver.events.first(isConnected)
    mad.connect(`tcp://127.0.0.1:${ends.sender.ports[0]}`)
    while (sender.end.stats().peers < 2) await sender.events.next()
    for (let topic = 0; topic < 200; topic += 1) await mad.send(subscription(`${topic}`.padEnd(900, '.')))
    const told = await sender.events.first(({ event }) => event === 'invalid')
    assert.equal(told.event === 'invalid' && told.code, 'NETGEAR_TOO_MANY_TOPICS')
    await sender.events.next(isConnected)
    const arrived = receiver.frames.next()
    sender.end.send({ encoding: 'jpeg', body: jpegOf('again') })
    assert.deepEqual((await arrived).frame.body, jpegOf('again'))
  } finally {
    mad.close()
    await Promise.all([sender.end.close(), receiver.end.close()])
  }
})

test('subscriptions are too many by their number or their length, as long as they last', () => {
  for (const topics of [numbers(1001), numbers(100).map((topic) => topic.padEnd(1000))]) {
    const subscriptions = new Subscriptions()
    for (const topic of topics) {
      assert.ok(!subscriptions.tooMany)
      for (let repeated = 0; repeated < 3; repeated += 1) subscriptions.take([subscription(topic)])
      if (subscriptions.tooMany) break
    }
    assert.ok(subscriptions.tooMany)
    for (const topic of topics) subscriptions.take([Buffer.from(`\x00${topic}`)])
    assert.ok(!subscriptions.tooMany && !subscriptions.some)
  }
})

function subscription(topic: string): Buffer {
  return Buffer.from(`\x01${topic}`)
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, number) => String(number))
}
