import { setTimeout as delay } from 'node:timers/promises'
import { cpuSeconds, memory, resetPeak } from './process-cost'
import type { Program } from './program'
import type { RunningSubject } from './running-subject'
import { sum } from './statistics'

const WARM_MS = 400
const PROBE_FPS = 20
const PROBE_PAUSE_MS = 100
const PATIENCE_MS = 15_000
const QUIET_MS = 150
const SEARCH_FROM_FPS = 60
const SEARCH_MS = 400
const CARRIED = 0.85
const FINE_STEP = 1.25
/** Whoever drops cheaply carries most where more is offered than it can carry, others where hardly more is. */
const OFFERED_SHARES = [0.95, 1.3]
const MORE = 1.03

/** What one process cost while frames crossed. */
export interface Cost {
  cpuPerThousand: number
  /** Of a core. */
  cpuPercent: number
  /** Null for Python, where other threads do the work. */
  mainThreadMsPerFrame: number | null
  peakMegabytes: number
}

export interface Measured {
  offeredFps: number
  fps: number
  p50: number | null
  p99: number | null
  receiver: Cost
  sender: Cost
}

/** Resolves when frames arrive. */
export async function connected({ sender, receiver }: RunningSubject): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  await sender.command('start', { fps: PROBE_FPS })
  while ((await received(receiver)) === 0) {
    if (performance.now() > until) throw new Error('No frame arrived.')
    await delay(PROBE_PAUSE_MS)
  }
  await stopped({ sender, receiver })
}

/**
 * How many frames a second are carried at most: found by doubling the rate until two in a row have left frames behind, then, as the best one
 * may lie between two of these and code has become faster meanwhile, in smaller steps for as long as they bring more.
 */
export async function findCapacity(subject: RunningSubject): Promise<number> {
  let best = 0
  let failures = 0
  for (let fps = SEARCH_FROM_FPS; failures < 2; fps *= 2) {
    const carried = await carriedAt(subject, fps)
    failures = carried < CARRIED * fps ? failures + 1 : 0
    best = Math.max(best, carried)
  }
  for (let before = 0; best > before * MORE; ) {
    before = best
    best = Math.max(best, await carriedAt(subject, Math.round(before * FINE_STEP)))
  }
  return best
}

async function carriedAt(subject: RunningSubject, fps: number): Promise<number> {
  const { sender, receiver } = subject
  await sender.command('start', { fps })
  await delay(SEARCH_MS / 2)
  await receiver.command('reset')
  const begun = performance.now()
  await delay(SEARCH_MS)
  const carried = ((await received(receiver)) * 1000) / (performance.now() - begun)
  await stopped(subject)
  return carried
}

/**
 * Measures at two rates of offers, by the most that was carried before (0: as fast as they are taken), and gives the run in which more was
 * carried. By the most, not by the last: a slow minute must not slow down those after it.
 */
export async function measureMost(subject: RunningSubject, mostFps: number, seconds: number): Promise<Measured> {
  const runs: Measured[] = []
  for (const share of OFFERED_SHARES) runs.push(await measure(subject, Math.ceil(mostFps * share), seconds))
  return runs.reduce((most, run) => (run.fps > most.fps ? run : most))
}

/** Sends frames at this rate (0: as fast as they are taken) and measures for so long, after a warm-up. */
export async function measure(subject: RunningSubject, fps: number, seconds: number): Promise<Measured> {
  const { sender, receiver } = subject
  await sender.command('start', { fps })
  await delay(WARM_MS)
  for (const { pid } of [sender, receiver]) resetPeak(pid)
  const offeredBefore = sum((await sender.command('offered')).offered)
  await receiver.command('reset')
  const begun = performance.now()
  const before = { sender: cpuSeconds(sender.pid), receiver: cpuSeconds(receiver.pid) }
  await delay(seconds * 1000)
  const elapsed = (performance.now() - begun) / 1000
  const after = { sender: cpuSeconds(sender.pid), receiver: cpuSeconds(receiver.pid) }
  const { sinks } = await receiver.command('report')
  const offered = sum((await sender.command('offered')).offered) - offeredBefore
  const frames = sum(sinks.map((sink) => sink.frames))
  const cost = (end: 'sender' | 'receiver'): Cost => {
    const cpu = after[end].process - before[end].process
    return {
      cpuPerThousand: (cpu * 1000) / frames,
      cpuPercent: (cpu * 100) / elapsed,
      mainThreadMsPerFrame: subject[end].isPython
        ? null
        : ((after[end].mainThread - before[end].mainThread) * 1000) / frames,
      peakMegabytes: memory(subject[end].pid).peak,
    }
  }
  const measured = {
    offeredFps: offered / elapsed,
    fps: frames / elapsed,
    p50: sinks[0]?.p50 ?? null,
    p99: sinks[0]?.p99 ?? null,
    receiver: cost('receiver'),
    sender: cost('sender'),
  }
  await stopped(subject)
  return measured
}

/** Stops the source and waits until what was under way has arrived. */
async function stopped({ sender, receiver }: RunningSubject): Promise<void> {
  await sender.command('stop')
  let before: number
  let now = await received(receiver)
  do {
    await delay(QUIET_MS)
    before = now
    now = await received(receiver)
  } while (now !== before)
}

async function received(receiver: Program): Promise<number> {
  const { sinks } = await receiver.command('report')
  return sum(sinks.map(({ frames }) => frames))
}
