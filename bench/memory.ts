import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../test/free-port'
import type { LinkSettings } from './flows'
import { connected } from './measurement'
import type { Workshop } from './node-red'
import { closeSubject, startRuntimes } from './pair-of-runtimes'
import { makeFrames } from './pictures'
import { memory } from './process-cost'
import { sum } from './statistics'
import { figure, markdownTable } from './table'

const FPS = 1000
const LOOK_MS = 250
const FULL = { settled: 10_000, total: 1_000_000, steps: 10 }
const QUICK = { settled: 2000, total: 8000, steps: 2 }

/** Resident memory of both runtimes while very many frames cross. */
export async function memoryOverTime(workshop: Workshop, { quick }: { quick: boolean }): Promise<unknown> {
  const { settled, total, steps } = quick ? QUICK : FULL
  const frames = await makeFrames(workshop.folder, '640x480')
  const link: LinkSettings = {
    encoding: 'jpeg',
    frames,
    pattern: 'pubsub',
    security: 'ironhouse',
    port: await freePort(),
  }
  const runtimes = await startRuntimes(link, workshop, {})
  await connected(runtimes)
  const { sender, receiver } = runtimes
  await receiver.command('reset')
  await sender.command('start', { fps: FPS })
  const marks = [settled, ...Array.from({ length: steps }, (_, step) => ((step + 1) * total) / steps)]
  const results: { frames: number; receiver: number; sender: number }[] = []
  for (const mark of marks) {
    const count = await arrived(mark)
    results.push({ frames: count, receiver: memory(receiver.pid).resident, sender: memory(sender.pid).resident })
  }
  await closeSubject(runtimes)
  console.log(`640x480 JPEG, IronHouse, pubsub, ${FPS} fps\n`)
  const growth = (end: 'receiver' | 'sender') =>
    ((results.at(-1)?.[end] ?? Number.NaN) / (results[0]?.[end] ?? Number.NaN) - 1) * 100
  console.log(
    markdownTable(
      ['frames', 'receiver MB', 'sender MB'],
      results.map((row) => [figure(row.frames, 0), figure(row.receiver, 0), figure(row.sender, 0)]),
    ),
  )
  console.log(
    `\nGrowth since the first row: receiver ${figure(growth('receiver'), 1)} %, sender ${figure(growth('sender'), 1)} %`,
  )
  return results

  async function arrived(mark: number): Promise<number> {
    for (;;) {
      const { sinks } = await receiver.command('report')
      const count = sum(sinks.map((sink) => sink.frames))
      if (count >= mark) return count
      await delay(LOOK_MS)
    }
  }
}
