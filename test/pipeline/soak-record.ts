import { appendFileSync, writeFileSync } from 'node:fs'
import { figure } from '../../bench/table'
import type { Holding } from './node-red'
import { RUNTIMES, type RuntimeName } from './pipeline'
import { growthPerHour } from './trend'

/** The first part of a run does not count for the trend: caches fill, code is compiled. */
const WARM_UP_SHARE = 0.25
const LONGEST_WARM_UP_HOURS = 0.25
/** Shorter runs say too little about an hour to be judged by it. */
const JUDGED_FROM_HOURS = 0.5
/** More growth in an hour is a leak. The heap is measured after a garbage collection, resident memory also holds what was freed. */
const MOST_GROWTH_PER_HOUR: Holding = { rss: 12, heap: 2, descriptors: 1, threads: 1 }

/** What was measured at one time, and what came since the last. */
export interface SoakSample {
  hours: number
  fps: number
  /** From the Python sender to the Python receiver, in ms. */
  p50: number | undefined
  p99: number | undefined
  lost: number
  wrong: number
  outOfOrder: number
  holding: Record<RuntimeName, Holding>
}

/** Keeps a soak's samples, writes each as a line of JSON, and judges them. */
export class SoakRecord {
  readonly offences: string[] = []
  readonly #samples: SoakSample[] = []
  readonly #file: string | undefined

  /** @param file for the lines of JSON; the last one is the summary */
  constructor(file: string | undefined) {
    this.#file = file
    if (file) writeFileSync(file, '')
  }

  /** Writes the sample, and a line for people to the console. */
  add(sample: SoakSample): void {
    this.#samples.push(sample)
    this.#write(sample)
    const { hours, fps, p50, p99, lost, wrong, outOfOrder, holding } = sample
    const held = RUNTIMES.map((name) => {
      const { rss, heap, descriptors, threads } = holding[name]
      return `${name} ${figure(rss, 1)} MB (heap ${figure(heap, 1)}) ${descriptors} fd ${threads} thr`
    })
    const latency = `p50 ${figure(p50, 1)} p99 ${figure(p99, 1)} ms`
    const bad = wrong + outOfOrder > 0 ? `  ${wrong} WRONG ${outOfOrder} OUT OF ORDER` : ''
    console.log(`${hours.toFixed(3)} h  ${figure(fps, 1)} fps  ${latency}  ${lost} lost  ${held.join('  ')}${bad}`)
  }

  /** Writes the summary. Resolves with whether all was well. */
  finish(): boolean {
    const hours = this.#samples.at(-1)?.hours ?? 0
    const sum = (of: (sample: SoakSample) => number) => this.#samples.reduce((total, sample) => total + of(sample), 0)
    const wrong = sum((sample) => sample.wrong)
    const outOfOrder = sum((sample) => sample.outOfOrder)
    const growth = this.#growth(hours)
    const verdicts = [
      ...this.offences,
      ...(wrong + outOfOrder > 0 ? [`${wrong} frames wrong, ${outOfOrder} out of order`] : []),
      ...(hours < JUDGED_FROM_HOURS ? [] : leaks(growth)),
    ]
    const lost = sum((sample) => sample.lost)
    this.#write({ summary: { hours, lost, wrong, outOfOrder, growthPerHour: growth, verdicts } })
    console.log(`\n${hours.toFixed(2)} h, ${lost} frames lost, ${wrong} wrong, ${outOfOrder} out of order`)
    for (const name of RUNTIMES) {
      const { rss, heap, descriptors, threads } = growth[name]
      const memory = `resident ${figure(rss, 2)} MB, heap ${figure(heap, 2)} MB`
      console.log(`Growth per hour of ${name}: ${memory}, ${figure(descriptors, 2)} fd, ${figure(threads, 2)} threads`)
    }
    for (const verdict of verdicts) console.log(`VIOLATION ${verdict}`)
    if (hours < JUDGED_FROM_HOURS) console.log(`Growth is judged from ${JUDGED_FROM_HOURS} h on.`)
    console.log(verdicts.length > 0 ? `${verdicts.length} violations` : 'All well.')
    return verdicts.length === 0
  }

  #growth(hours: number): Record<RuntimeName, Holding> {
    const from = Math.min(LONGEST_WARM_UP_HOURS, hours * WARM_UP_SHARE)
    const counted = this.#samples.filter((sample) => sample.hours >= from)
    const of = (name: RuntimeName, what: keyof Holding) =>
      growthPerHour(counted.map((sample) => ({ hours: sample.hours, value: sample.holding[name][what] })))
    const all = (name: RuntimeName): Holding => ({
      rss: of(name, 'rss'),
      heap: of(name, 'heap'),
      descriptors: of(name, 'descriptors'),
      threads: of(name, 'threads'),
    })
    return { a: all('a'), b: all('b') }
  }

  #write(line: object): void {
    if (this.#file) appendFileSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}

function leaks(growth: Record<RuntimeName, Holding>): string[] {
  return RUNTIMES.flatMap((name) =>
    (Object.keys(MOST_GROWTH_PER_HOUR) as (keyof Holding)[])
      .filter((what) => growth[name][what] > MOST_GROWTH_PER_HOUR[what])
      .map((what) => `the ${what} of Node-RED ${name} grows by ${figure(growth[name][what], 1)} an hour`),
  )
}
