import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../free-port'
import { jpegOf, matchingEnds, openReceiver, openSender, PATTERNS } from '../links'
import { LEAST_SHARE, WATCH_MS } from './flood'
import { SlowReader } from './slow-reader'

const FPS = 30
const FRAME_BYTES = 200_000
const MOST_GROWTH = 100 * 1024 ** 2

describe('a peer that reads one byte a second', { concurrency: true }, () => {
  for (const pattern of PATTERNS) {
    test(`${pattern}: takes neither frames from the healthy receiver nor memory from the sender, which tells of it`, async (t) => {
      const ends = await matchingEnds({ pattern, level: 'grassland', binds: 'sender' })
      const [port] = ends.sender.ports as [number]
      const slowPort = pattern === 'pubsub' ? port : await freePort()
      const sender = openSender({ ...ends.sender, ports: [...new Set([port, slowPort])] })
      const healthy = openReceiver(ends.receiver)
      const slow = new SlowReader(pattern, slowPort, 1)
      const sending = setInterval(() => sender.end.send({ encoding: 'jpeg', body: jpegOf(FRAME_BYTES) }), 1000 / FPS)
      try {
        await healthy.frames.first(() => true)
        while (sender.end.stats().peers < 2) await sender.events.next()
        await delay(200)
        const before = process.memoryUsage().rss
        healthy.frames.all.length = 0
        await delay(WATCH_MS)
        const fps = (healthy.frames.all.splice(0).length * 1000) / WATCH_MS
        const growth = process.memoryUsage().rss - before
        const told = sender.events.all.map(({ event }) => event)
        t.diagnostic(
          `${fps.toFixed(1)} of ${FPS} fps, ${(growth / 1024 ** 2).toFixed(0)} MiB more, ${sender.end.stats().dropped} dropped, told ${told}`,
        )
        assert.ok(fps > LEAST_SHARE * FPS, `${fps} of ${FPS} fps`)
        assert.ok(growth < MOST_GROWTH, `${growth} bytes more`)
        if (pattern !== 'pubsub') assert.ok(told.includes('dropped'))
        // the kernel gives up a line whose far end leaves no room for seconds
        await sender.events.first(({ event }) => event === 'disconnected')
      } finally {
        clearInterval(sending)
        slow.hangUp()
        await Promise.all([sender, healthy].map(({ end }) => end.close()))
      }
    })
  }
})
