import { setTimeout as delay } from 'node:timers/promises'
import type { Dice } from '../fuzz/mutate'
import type { Fault } from './faults/fault'
import type { Holding } from './node-red'
import { type Pipeline, RUNTIMES, type RuntimeName } from './pipeline'
import { monotonicMs } from './python-end'

const BACK_MS = 2000
const PATIENCE_MS = 10_000
// Faults that interrupt last longer, and the pause between two frames is 33 ms.
const INTERRUPTED_MS = 200
// The stream flows again for a little before it is measured: what the fault left behind is to be gone.
const SETTLE_MS = 700
/** A process is measured against what it held when it had run for so long. */
const WARM_UP_MS = 15_000
/** How much more than then it may hold. */
const GROWTH: Holding = { rss: 80, heap: 15, descriptors: 12, threads: 4 }

/** What was seen of one fault. */
export interface Finding {
  fault: string
  /** ms from the fault's end to the first right frame that was sent after it. */
  backMs: number | undefined
  /** The longest time without a frame, during the fault or after it, in ms. */
  silentMs: number
  /** How many frames never came through. */
  lost: number
  holding: Partial<Record<RuntimeName, Holding>>
  violations: string[]
}

interface Level {
  pid: number
  since: number
  holding: Holding | undefined
}

/** Has faults happen to a pipeline, and looks whether all is as it must be after each. */
export class Judge {
  readonly #pipeline: Pipeline
  readonly #levels = new Map<RuntimeName, Level>()

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline
    for (const name of RUNTIMES) this.#follow(name)
  }

  async suffer(fault: Fault, dice: Dice): Promise<Finding> {
    const { arrivals } = this.#pipeline
    const before = { ...arrivals.counts }
    const violations: string[] = []
    arrivals.takeLongestSilence()
    try {
      violations.push(...((await fault.run(this.#pipeline, dice)) ?? []))
    } catch (error) {
      violations.push(`the fault failed: ${error instanceof Error ? error.message : error}`)
    }
    const backMs = await arrivals.back(PATIENCE_MS)
    if (backMs === undefined) violations.push(`no frame within ${PATIENCE_MS} ms: ${this.#pipeline.log()}`)
    else if (backMs > BACK_MS) violations.push(`back after ${backMs.toFixed(0)} ms`)
    const silentMs = arrivals.takeLongestSilence()
    if (fault.interrupts && silentMs < INTERRUPTED_MS) violations.push('the fault did not interrupt the stream')
    violations.push(...((await fault.afterwards?.(this.#pipeline)) ?? []))
    await delay(SETTLE_MS)
    for (const count of ['wrong', 'outOfOrder'] as const) {
      const more = arrivals.counts[count] - before[count]
      if (more > 0) violations.push(`${more} frames ${count === 'wrong' ? 'wrong' : 'out of order'}`)
    }
    const holding: Finding['holding'] = {}
    for (const name of RUNTIMES) {
      violations.push(...this.#pipeline.nodeReds[name].offences.splice(0))
      const held = await this.#pipeline.nodeReds[name].holding().catch(() => undefined)
      if (held === undefined) continue
      holding[name] = held
      violations.push(...this.#growth(name, held))
    }
    return { fault: fault.name, backMs, silentMs, lost: arrivals.counts.lost - before.lost, holding, violations }
  }

  #growth(name: RuntimeName, holding: Holding): string[] {
    const level = this.#follow(name)
    if (level.holding === undefined) {
      if (monotonicMs() - level.since > WARM_UP_MS) level.holding = holding
      return []
    }
    const first = level.holding
    const grown = (Object.keys(GROWTH) as (keyof Holding)[]).filter(
      (what) => holding[what] > first[what] + GROWTH[what],
    )
    return grown.map((what) => {
      return `the ${what} of Node-RED ${name} grew from ${first[what].toFixed(0)} to ${holding[what].toFixed(0)}`
    })
  }

  /** What is known of the process that runs now. */
  #follow(name: RuntimeName): Level {
    const { pid } = this.#pipeline.nodeReds[name]
    const known = this.#levels.get(name)
    if (known?.pid === pid) return known
    const level: Level = { pid, since: monotonicMs(), holding: undefined }
    this.#levels.set(name, level)
    return level
  }
}
