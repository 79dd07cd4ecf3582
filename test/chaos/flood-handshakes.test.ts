import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { matchingEnds, openReceiver, type ReceivingEnd } from '../links'
import { EndProcess } from './end-process'
import { BACK_MS, Flooder, LEAST_SHARE, WATCH_MS } from './flood'

const STRANGERS = 1000
const FPS = 30
const FRAME_BYTES = 50_000
const AWAY_MS = 1000
const MOST_GROWTH = 100 * 1024 ** 2

test(`a camera is soon back among ${STRANGERS} refused peers that come again and again, after its receiver was away, and keeps its rate`, async (t) => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
  const before = openReceiver(ends.receiver)
  const camera = await EndProcess.start({ role: 'sender', options: ends.sender, fps: FPS, frameBytes: FRAME_BYTES })
  const strangers = new Flooder()
  let receiver: ReceivingEnd | undefined
  try {
    await before.frames.first(() => true)
    const usual = await rate(before)
    const memory = process.memoryUsage().rss
    await before.end.close()
    const port = ends.receiver.ports[0] as number
    await strangers.flood({ kind: 'handshakes', port, count: STRANGERS, serverKey: ends.keys.receiver.publicKey })
    await delay(AWAY_MS)
    receiver = openReceiver(ends.receiver)
    await receiver.events.first(({ event }) => event === 'listening')
    const opened = performance.now()
    await receiver.frames.first(() => true)
    const backMs = performance.now() - opened
    const fps = await rate(receiver)
    await receiver.events.first((event) => event.event === 'refused' && event.code === 'NETGEAR_KEY_NOT_TRUSTED')
    const growth = process.memoryUsage().rss - memory
    const told = receiver.events.all
    const refusals = told.reduce((sum, event) => sum + (event.event === 'refused' ? event.count : 0), 0)
    t.diagnostic(
      `back after ${backMs.toFixed(0)} ms, ${fps.toFixed(1)} of ${usual.toFixed(1)} fps, ` +
        `${(growth / 1024 ** 2).toFixed(0)} MiB more, ${told.length} events of ${refusals} refusals`,
    )
    assert.ok(backMs < BACK_MS, `${backMs} ms`)
    assert.ok(fps > LEAST_SHARE * usual, `${fps} of ${usual} fps`)
    assert.ok(growth < MOST_GROWTH, `${growth} bytes more`)
    // 64 different keys are told apart in each 10 s, all others together
    assert.ok(told.length < 70 * (1 + WATCH_MS / 10_000), `${told.length} events`)
  } finally {
    await Promise.all([camera.signal('SIGKILL'), strangers.end(), before.end.close(), receiver?.end.close()])
  }
})

async function rate({ frames }: ReceivingEnd): Promise<number> {
  frames.all.length = 0
  const start = performance.now()
  await delay(WATCH_MS)
  return (frames.all.length * 1000) / (performance.now() - start)
}
