import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { freePort } from '../test/free-port'
import type { LinkSettings } from './flows'
import { connected, measure } from './measurement'
import type { Workshop } from './node-red'
import { startRuntimes } from './pair-of-runtimes'
import { makeFrames } from './pictures'
import { sum } from './statistics'
import { figure, markdownTable } from './table'

const FPS = 100
const TOP = 15
const NOT_WORKING = new Set(['(idle)', '(root)'])

interface CallFrame {
  functionName: string
  url: string
  /** From 0. */
  lineNumber: number
}

interface SelfTime {
  name: string
  ms: number
}

/** V8's CPU profile, times in microseconds of the monotonic clock. */
interface CpuProfile {
  startTime: number
  nodes: { id: number; callFrame: CallFrame }[]
  samples: number[]
  timeDeltas: number[]
}

/** Where the main threads of both runtimes spend their time, by V8's profiler. */
export async function profile(workshop: Workshop, { quick }: { quick: boolean }): Promise<unknown> {
  const seconds = quick ? 4 : 10
  const folder = join(workshop.folder, 'profiles')
  mkdirSync(folder)
  const frames = await makeFrames(workshop.folder, '1280x720')
  const link: LinkSettings = {
    encoding: 'jpeg',
    frames,
    pattern: 'pubsub',
    security: 'ironhouse',
    port: await freePort(),
  }
  const runtimes = await startRuntimes(link, workshop, { execArgv: ['--cpu-prof', `--cpu-prof-dir=${folder}`] })
  await connected(runtimes)
  const from = microseconds()
  const { fps } = await measure(runtimes, FPS, seconds)
  const to = microseconds()
  const results = []
  for (const end of ['receiver', 'sender'] as const) {
    const { pid } = runtimes[end]
    // V8 writes the profile when the process ends by itself.
    await runtimes[end].interrupt()
    const file = readdirSync(folder).find((name) => name.includes(`.${pid}.`))
    if (!file) throw new Error(`The ${end} left no profile.`)
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile
    results.push({ end, functions: selfTimes(profile, from, to) })
  }
  const carried = (fps * (to - from)) / 1e6
  for (const { end, functions } of results) {
    const total = sum(functions.map(({ ms }) => ms))
    console.log(
      `\n${end}: ${figure(total / carried, 3)} ms of the main thread per frame (720p JPEG, IronHouse, pubsub)\n`,
    )
    console.log(
      markdownTable(
        ['function', 'ms per frame', '%'],
        functions.slice(0, TOP).map(({ name, ms }) => [name, figure(ms / carried, 4), figure((ms * 100) / total, 1)]),
      ),
    )
  }
  return results
}

function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

/** Each function's own time between two moments, most first. */
function selfTimes({ startTime, nodes, samples, timeDeltas }: CpuProfile, from: number, to: number): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  let now = startTime
  for (const [index, sample] of samples.entries()) {
    const lasted = timeDeltas[index + 1] ?? 0
    now += timeDeltas[index] ?? 0
    const name = names.get(sample)
    if (now < from || now > to || name === undefined || NOT_WORKING.has(name)) continue
    times.set(name, (times.get(name) ?? 0) + lasted / 1000)
  }
  return [...times].map(([name, ms]) => ({ name, ms })).sort((a, b) => b.ms - a.ms)
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName || '(anonymous)'
  return url ? `${name} ${basename(url)}:${lineNumber + 1}` : name
}
