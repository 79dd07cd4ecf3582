// npm run chaos -- [--minutes N] [--rounds N] [--seed S] [--only RE] [--patterns pubsub,reqrep,pair] [--json FILE] [--list]
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { markdownTable } from '../../bench/table'
import { Dice } from '../fuzz/mutate'
import { PATTERNS } from '../links'
import { CLOCK_FAULTS } from './faults/clocks'
import { DEPLOYMENT_FAULTS } from './faults/deployments'
import { DISK_FAULTS } from './faults/disks'
import { type Fault, isPossible } from './faults/fault'
import { KEY_FAULTS } from './faults/keys'
import { LINE_FAULTS } from './faults/lines'
import { PROCESS_FAULTS } from './faults/processes'
import { type Finding, Judge } from './judge'
import { inOwnNamespaces } from './own-namespaces'
import { patternsOf } from './patterns'
import { Pipeline, type PipelineOptions } from './pipeline'

const FAULTS = [...PROCESS_FAULTS, ...LINE_FAULTS, ...DEPLOYMENT_FAULTS, ...KEY_FAULTS, ...DISK_FAULTS, ...CLOCK_FAULTS]

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rounds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
    patterns: { type: 'string', default: '' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})

async function main(): Promise<number> {
  const seed = Number(values.seed)
  const dice = new Dice(seed)
  const patterns = values.patterns ? patternsOf(values.patterns) : drawn(dice)
  console.log(`seed ${seed}; the three hops: ${patterns.join(', ')}; all IronHouse`)
  const pipeline = await Pipeline.open({ patterns, fps: 30, width: 1280, height: 720 })
  const findings: Finding[] = []
  try {
    await suffer(pipeline, dice, findings)
  } finally {
    await pipeline.close()
  }
  console.log(`\n${summary(findings)}\n`)
  const { right, wrong, outOfOrder, repeated, lost } = pipeline.arrivals.counts
  console.log(`${right} frames right, ${wrong} wrong, ${outOfOrder} out of order, ${repeated} repeated, ${lost} lost`)
  const violations = findings.flatMap(({ fault, violations }) =>
    violations.map((violation) => `${fault}: ${violation}`),
  )
  for (const violation of violations) console.log(`VIOLATION ${violation}`)
  console.log(`${findings.length} faults, ${violations.length} violations`)
  if (values.json)
    writeFileSync(values.json, JSON.stringify({ seed, patterns, findings, counts: pipeline.arrivals.counts }))
  return violations.length > 0 || findings.length === 0 ? 1 : 0
}

/** All possible faults, each round in another order, until the time is over or as many rounds are done as wanted. */
async function suffer(pipeline: Pipeline, dice: Dice, findings: Finding[]): Promise<void> {
  const wanted = new RegExp(values.only, 'i')
  const possible = FAULTS.filter((fault) => wanted.test(fault.name) && isPossible(fault, pipeline))
  if (possible.length === 0) throw new Error(`No fault that is possible here matches ${wanted}; --list names them all.`)
  const judge = new Judge(pipeline)
  const start = performance.now()
  const until = start + Number(values.minutes) * 60_000
  let over = false
  process.on('SIGINT', () => {
    over = true
  })
  for (let round = 0; round < Number(values.rounds) && !over && performance.now() < until; round += 1) {
    for (const fault of shuffled(possible, dice)) {
      if (over || performance.now() > until) break
      const finding = await judge.suffer(fault, dice)
      findings.push(finding)
      console.log(line((performance.now() - start) / 1000, finding))
    }
  }
}

function drawn(dice: Dice): PipelineOptions['patterns'] {
  return [dice.pick(PATTERNS), dice.pick(PATTERNS), dice.pick(PATTERNS)]
}

function shuffled(faults: readonly Fault[], dice: Dice): Fault[] {
  const rest = [...faults]
  return faults.map(() => rest.splice(dice.below(rest.length), 1)[0] as Fault)
}

function line(seconds: number, { fault, backMs, silentMs, lost, holding, violations }: Finding): string {
  const held = Object.entries(holding).map(
    ([name, { rss, heap, descriptors, threads }]) =>
      `${name} ${rss.toFixed(0)} MB (heap ${heap.toFixed(0)}) ${descriptors} fd ${threads} threads`,
  )
  const back = backMs === undefined ? 'not back' : `back after ${backMs.toFixed(0)} ms`
  const figures = `${back}, silent ${silentMs.toFixed(0)} ms, lost ${lost}`
  const verdict = violations.length > 0 ? violations.join('; ') : 'ok'
  return `${seconds.toFixed(0).padStart(5)} s  ${fault.padEnd(73)} ${figures.padEnd(47)} ${held.join('  ')}  ${verdict}`
}

function summary(findings: readonly Finding[]): string {
  const rows = [...new Set(findings.map(({ fault }) => fault))].sort().map((fault) => {
    const of = findings.filter((finding) => finding.fault === fault)
    const times = of.map(({ backMs }) => backMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
    const median = times[Math.floor(times.length / 2)] ?? 0
    const violations = of.reduce((sum, finding) => sum + finding.violations.length, 0)
    const silence = Math.max(...of.map(({ silentMs }) => silentMs))
    return [
      fault,
      String(of.length),
      median.toFixed(0),
      (times.at(-1) ?? 0).toFixed(0),
      silence.toFixed(0),
      String(violations),
    ]
  })
  return markdownTable(['fault', 'times', 'back after, median ms', 'longest', 'longest silence', 'violations'], rows)
}

if (values.list) for (const { name, needs } of FAULTS) console.log(needs ? `${name} (needs ${needs})` : name)
else void inOwnNamespaces(main)
