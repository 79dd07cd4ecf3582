import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { matchingEnds, PATTERNS } from '../links'
import { RUN_TYPESCRIPT } from '../typescript'
import { EndProcess } from './end-process'

/** Longer than the queues take to fill, the system to notice, and a heartbeat of libzmq's to fall due twice. */
const BLOCK_MS = 6500
const FILL_MS = 300

test('peers that die while a flow holds up the event loop do not end the process', async () => {
  const links = await Promise.all(PATTERNS.map((pattern) => matchingEnds({ pattern, level: 'ironhouse' })))
  const program = fork(join(__dirname, 'blocking-program.ts'), { execArgv: RUN_TYPESCRIPT })
  const ended = once(program, 'exit')
  program.send({ ends: links.map(({ receiver }) => receiver), blockMs: BLOCK_MS })
  const blocked = once(program, 'message')
  const senders = await Promise.all(
    links.map(({ sender }) =>
      EndProcess.start({ role: 'sender', options: sender, fps: 100, frameBytes: 100_000, window: 8 }),
    ),
  )
  try {
    assert.deepEqual((await blocked)[0], 'blocked')
    await delay(FILL_MS)
    const free = once(program, 'message')
    await Promise.all(senders.map((sender) => sender.signal('SIGKILL')))
    const [outcome] = await Promise.race([free, ended.then(([code, signal]) => [`ended: ${signal ?? code}`])])
    assert.equal(outcome, 'free again')
    const back = await EndProcess.start({ role: 'sender', options: (links[0] as (typeof links)[0]).sender })
    try {
      await back.events.first(({ event }) => event === 'connected')
    } finally {
      await back.signal('SIGKILL')
    }
  } finally {
    program.kill('SIGKILL')
    await ended
  }
})
