import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { jpegOf, matchingEnds, openReceiver, openSender } from '../links'
import { Tap } from '../tap'
import { Stream } from './stream'

test('a second peer of a pair link is refused with words at both ends, while the first goes on', async () => {
  for (const binds of ['receiver', 'sender'] as const) {
    const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse', binds })
    const receiver = openReceiver(ends.receiver)
    const sender = openSender(ends.sender)
    await Promise.all([receiver.events.first(isConnected), sender.events.first(isConnected)])
    const stream = setInterval(() => sender.end.send({ encoding: 'jpeg', body: jpegOf('first') }), 100)
    const second = binds === 'receiver' ? openSender(ends.sender) : openReceiver(ends.receiver)
    try {
      const bound = binds === 'receiver' ? receiver : sender
      const [refused, told] = await Promise.all([bound, second].map(({ events }) => events.first(isRefused)))
      assert.equal(refused?.event === 'refused' && refused.code, 'NETGEAR_PAIR_TAKEN')
      assert.match(refused?.event === 'refused' ? refused.reason : '', /pubsub or reqrep, or a port for each/)
      assert.equal(told?.event === 'refused' && told.code, 'NETGEAR_REFUSED')
      await receiver.frames.next()
      assert.ok([...receiver.events.all, ...sender.events.all].every(({ event }) => event !== 'disconnected'))
    } finally {
      clearInterval(stream)
      await Promise.all([receiver, sender, second].map(({ end }) => end.close()))
    }
  }
})

test('a peer that knocks before the old one is known to be dead gets in as soon as it is', async () => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse' })
  const tap = await Tap.open(ends.receiver.ports[0] as number)
  const receiver = openReceiver(ends.receiver)
  const old = openSender({ ...ends.sender, ports: [tap.port] })
  await receiver.events.first(isConnected)
  const next = openSender(ends.sender)
  try {
    // its waiting at the door has no event
    await delay(500)
    assert.ok(!next.events.all.some(isConnected))
    const cut = performance.now()
    await tap.close()
    await next.events.first(isConnected)
    assert.ok(performance.now() - cut < 1000, `in after ${performance.now() - cut} ms`)
    const arrived = receiver.frames.next()
    next.end.send({ encoding: 'jpeg', body: jpegOf('next') })
    assert.deepEqual((await arrived).frame.body, jpegOf('next'))
  } finally {
    await Promise.all([receiver, old, next].map(({ end }) => end.close()))
  }
})

test('a peer that gave up waiting at the door does not count as the one inside', async () => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse' })
  const receiver = openReceiver(ends.receiver)
  const inside = openSender(ends.sender)
  await receiver.events.first(isConnected)
  try {
    const waiting = openSender(ends.sender)
    await delay(300)
    await waiting.end.close()
    await delay(300)
    assert.equal(receiver.end.stats().peers, 1)
    assert.ok(!receiver.events.all.some(({ event }) => event === 'disconnected'))
    const arrived = receiver.frames.next()
    inside.end.send({ encoding: 'jpeg', body: jpegOf('inside') })
    assert.deepEqual((await arrived).frame.body, jpegOf('inside'))
  } finally {
    await Promise.all([receiver, inside].map(({ end }) => end.close()))
  }
})

test('a peer that is silent for 4 s is put out when another one knocks, and not before', async () => {
  const stream = await Stream.start(await matchingEnds({ pattern: 'pair', level: 'ironhouse' }))
  const frozen = stream.end('sender')
  try {
    await frozen.signal('SIGSTOP')
    const start = performance.now()
    await stream.startEnd('sender')
    await stream.back()
    const took = performance.now() - start
    assert.ok(took > 3900, `a peer silent for ${took} ms was put out`)
    assert.ok(took < 7500, `back after ${took} ms`)
    stream.check()
  } finally {
    await frozen.signal('SIGKILL')
    await stream.close()
  }
})

function isConnected({ event }: { event: string }): boolean {
  return event === 'connected'
}

function isRefused({ event }: { event: string }): boolean {
  return event === 'refused'
}
