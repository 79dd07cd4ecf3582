// npm run soak -- [--hours N] [--faults] [--seed S] [--patterns pubsub,reqrep,pair] [--json FILE]
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { figure, markdownTable } from '../../bench/table'
import { Dice } from '../fuzz/mutate'
import { isPossible } from './faults/fault'
import { KEY_FAULTS } from './faults/keys'
import { LINE_FAULTS } from './faults/lines'
import { Judge } from './judge'
import { inOwnNamespaces } from './own-namespaces'
import { patternsOf } from './patterns'
import { Pipeline, RUNTIMES } from './pipeline'
import { monotonicMs } from './python-end'
import { SoakRecord } from './soak-record'

const HOUR_MS = 3_600_000
const LONGEST_INTERVAL_MS = 60_000
const FEWEST_SAMPLES = 20
const FAULT_EVERY_MS = 10 * 60_000

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '1' },
    faults: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    patterns: { type: 'string', default: 'pubsub' },
    json: { type: 'string' },
  },
})

async function main(): Promise<number> {
  const patterns = patternsOf(values.patterns)
  const hours = Number(values.hours)
  if (!(hours > 0)) throw new Error(`--hours takes a number such as 0.5 or 24, not “${values.hours}”.`)
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())
  const record = new SoakRecord(values.json)
  const pipeline = await Pipeline.open({ patterns, fps: 30, width: 1280, height: 720 })
  console.log(`${hours} h of 720p JPEG at 30 fps; the three hops: ${patterns.join(', ')}; all IronHouse`)
  try {
    await soak(pipeline, hours * HOUR_MS, record, interrupted.signal)
    console.log(`\n${await whatTheNodesCounted(pipeline)}`)
  } catch (error) {
    record.offences.push(`the soak ended early: ${error instanceof Error ? error.message : error}`)
  } finally {
    await pipeline.close()
  }
  return record.finish() ? 0 : 1
}

/** Where frames were let go or got lost, hop by hop. */
async function whatTheNodesCounted({ nodeReds }: Pipeline): Promise<string> {
  const nodes = RUNTIMES.flatMap((name) => [`${name}-in`, `${name}-out`].map((node) => ({ name, node })))
  const rows = nodes.map(async ({ name, node }) => {
    const stats = (await nodeReds[name].figures(node))?.stats
    return [node, ...[stats?.frames, stats?.lost, stats?.dropped, stats?.invalid].map((count) => figure(count, 0))]
  })
  return markdownTable(['node', 'frames', 'lost', 'dropped', 'invalid'], await Promise.all(rows))
}

async function soak(pipeline: Pipeline, forMs: number, record: SoakRecord, signal: AbortSignal): Promise<void> {
  const dice = new Dice(Number(values.seed))
  const judge = new Judge(pipeline)
  // None that ends a Node-RED: the trend is that of one process.
  const faults = [...LINE_FAULTS, ...KEY_FAULTS].filter((fault) => values.faults && isPossible(fault, pipeline))
  const intervalMs = Math.min(LONGEST_INTERVAL_MS, forMs / FEWEST_SAMPLES)
  const start = monotonicMs()
  let nextFault = start + FAULT_EVERY_MS
  let before = { ...pipeline.arrivals.counts }
  let at = start
  pipeline.arrivals.takeLatencies()
  while (at - start < forMs && !signal.aborted) {
    // The first sample is not late because the ones before were.
    const due = start + (Math.floor((monotonicMs() - start) / intervalMs) + 1) * intervalMs
    await delay(due - monotonicMs(), undefined, { signal }).catch(() => undefined)
    if (faults.length > 0 && monotonicMs() > nextFault) {
      const { fault, violations } = await judge.suffer(dice.pick(faults), dice)
      console.log(`${fault}: ${violations.join('; ') || 'ok'}`)
      record.offences.push(...violations.map((violation) => `${fault}: ${violation}`))
      nextFault += FAULT_EVERY_MS
    }
    const now = monotonicMs()
    const counts = { ...pipeline.arrivals.counts }
    const since = (what: keyof typeof counts) => counts[what] - before[what]
    const latencies = pipeline.arrivals.takeLatencies()
    for (const name of RUNTIMES) record.offences.push(...pipeline.nodeReds[name].offences.splice(0))
    record.add({
      hours: (now - start) / HOUR_MS,
      fps: (since('right') * 1000) / (now - at),
      p50: latencies[Math.floor(latencies.length * 0.5)],
      p99: latencies[Math.floor(latencies.length * 0.99)],
      lost: since('lost'),
      wrong: since('wrong'),
      outOfOrder: since('outOfOrder'),
      holding: { a: await pipeline.nodeReds.a.holding(), b: await pipeline.nodeReds.b.holding() },
    })
    before = counts
    at = now
  }
}

void inOwnNamespaces(main)
