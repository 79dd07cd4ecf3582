import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as zmq from 'zeromq'
import { Silence } from '../../lib/link/silence'
import { Gathered, isConnected, jpegOf, matchingEnds, openSender } from '../links'

const TICK_MS = 500

test('a pair sender whose peer had another one gets through once that one is gone', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
  const address = `tcp://127.0.0.1:${ends.sender.ports[0]}`
  const other = new zmq.Pair({ linger: 0 })
  other.bindSync(address)
  const first = new zmq.Pair({ linger: 0 })
  first.connect(address)
  await first.send('there')
  // libzmq lets go of ended connections only while somebody reads
  const received = new Gathered<Buffer[]>()
  const reading = (async () => {
    for await (const message of other) received.add(message)
  })()
  await received.count(1)
  const sender = openSender(ends.sender)
  try {
    await sender.events.first(isConnected)
    first.close()
    sender.end.send({ encoding: 'jpeg', body: jpegOf('nobody reads this') })
    const back = sender.events.next(isConnected)
    for (let elapsed = 0; elapsed <= 2000; elapsed += TICK_MS) {
      await new Promise(setImmediate)
      t.mock.timers.tick(TICK_MS)
    }
    await back
    sender.end.send({ encoding: 'jpeg', body: jpegOf('through') })
    await received.first(([, body]) => body?.equals(jpegOf('through')) ?? false)
  } finally {
    other.close()
    await reading
    await sender.end.close()
  }
})

test('a silent link is opened anew at longer and longer intervals, and not where nothing is awaited', () => {
  const opened = (silence: Silence, seconds: number, awaitedBytes?: number) => {
    const at: number[] = []
    for (let elapsed = TICK_MS; elapsed <= seconds * 1000; elapsed += TICK_MS) {
      if (awaitedBytes !== undefined) silence.answerAwaited(awaitedBytes)
      if (silence.tick()) at.push(elapsed / 1000)
    }
    return at
  }
  const silence = new Silence(TICK_MS, true)
  assert.deepEqual(opened(silence, 300), [])
  assert.deepEqual(opened(silence, 250, 100), [1.5, 4, 8.5, 17, 33.5, 66, 126, 186, 246])
  silence.reconnected()
  assert.deepEqual(opened(silence, 59, 100), [])
  silence.heard()
  assert.deepEqual(opened(silence, 80, 100), [15, 17.5, 22, 30.5, 47, 79.5])
  assert.deepEqual(opened(new Silence(TICK_MS, false), 180, 100), [15, 45, 105, 165])
})

test('the first answer is awaited for as long as a large frame takes over a slow line', () => {
  const silence = new Silence(TICK_MS, true)
  silence.answerAwaited(9_000_000)
  let ticks = 1
  while (!silence.tick()) ticks += 1
  assert.equal(ticks * TICK_MS, 10_000)
})
