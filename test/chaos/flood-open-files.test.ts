import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { matchingEnds } from '../links'
import { EndProcess } from './end-process'
import { Flooder, LEAST_SHARE, WATCH_MS } from './flood'

const FPS = 30
const MOST_FILES = 128
/** More than the process may open, fewer than the kernel lets wait. */
const CONNECTIONS = 170

test('a process whose last file descriptor a flood has taken keeps its stream, tells of it, and lets peers in when it is over', async (t) => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
  const limited = ['sh', '-c', `ulimit -n ${MOST_FILES} && exec "$@"`, 'sh']
  const receiver = await EndProcess.start({ role: 'receiver', options: ends.receiver, frameBytes: 50_000 }, limited)
  const sender = await EndProcess.start({ role: 'sender', options: ends.sender, fps: FPS, frameBytes: 50_000 })
  const flooder = new Flooder()
  try {
    await receiver.frames.first(() => true)
    await flooder.flood({ kind: 'connections', port: ends.receiver.ports[0] as number, count: CONNECTIONS, words: '' })
    await receiver.events.first((event) => event.event === 'refused' && event.code === 'NETGEAR_TOO_MANY_OPEN_FILES')
    const before = receiver.frames.all.length
    await delay(WATCH_MS)
    const fps = ((receiver.frames.all.length - before) * 1000) / WATCH_MS
    t.diagnostic(`${fps} of ${FPS} fps`)
    assert.ok(fps > LEAST_SHARE * FPS, `${fps} of ${FPS} fps`)
    const known = receiver.events.all.length
    await flooder.stop()
    await sender.signal('SIGKILL')
    const back = await EndProcess.start({ role: 'sender', options: ends.sender, fps: FPS, frameBytes: 50_000 })
    await receiver.events.first(({ event }) => event === 'connected', known)
    await back.signal('SIGKILL')
  } finally {
    await Promise.all([flooder.end(), sender.signal('SIGKILL'), receiver.signal('SIGKILL')])
  }
})
