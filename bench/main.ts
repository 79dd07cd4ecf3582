// The benchmark: `npm run bench -- [program] [flags]`; see docs/performance.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compare, GROUPS, type Row } from './comparison'
import { fanOut } from './fan-out'
import { growth } from './growth'
import { idle } from './idle'
import { memoryOverTime } from './memory'
import { furnishWorkshop, type Workshop } from './node-red'
import { profile } from './profile'
import { missingPrograms } from './requirements'
import { roundTrip } from './round-trip'
import { slowConsumer } from './slow-consumer'
import { SUBJECTS } from './subjects'
import { comparisonTable, summarize } from './table'

/** A small program: prints a table, and gives what goes into the JSON file. */
export type BenchProgram = (workshop: Workshop, options: { quick: boolean }) => Promise<unknown>

const SMALL_PROGRAMS: Readonly<Record<string, BenchProgram>> = {
  idle,
  'slow-consumer': slowConsumer,
  'round-trip': roundTrip,
  'fan-out': fanOut,
  memory: memoryOverTime,
  growth,
  profile,
}
const QUICK = {
  only: '^jpeg 1280x720 pubsub ironhouse$',
  subjects: '^(ours|zeromq|NetGear .*|core websocket, .*)$',
  runs: 2,
  seconds: 1,
}
const FULL = { only: '', subjects: '', runs: 5, seconds: 3 }
/** A 99th percentile of fewer frames would be the longest of them all. */
const LEAST_CAMERA_SECONDS = 5

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    subjects: { type: 'string' },
    runs: { type: 'string' },
    seconds: { type: 'string' },
    json: { type: 'string' },
  },
})

async function run(): Promise<void> {
  const [name] = positionals
  const program = name === undefined ? compareAll : SMALL_PROGRAMS[name]
  if (!program) throw new Error(`There is no ${name}: choose ${Object.keys(SMALL_PROGRAMS).join(', ')}, or none.`)
  // What the package's nodes require is found from below node_modules only.
  const cache = join(__dirname, '..', 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const result = await program(furnishWorkshop(folder), { quick: values.quick })
  save(result)
}

function save(result: unknown): void {
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine: machine(), result }, null, 2)}\n`)
}

function failed(error: unknown): void {
  console.error(error)
  process.exitCode = 1
}

async function compareAll(workshop: Workshop): Promise<unknown> {
  const chosen = values.quick ? QUICK : FULL
  const only = new RegExp(values.only ?? chosen.only)
  const groups = GROUPS.filter(({ name }) => only.test(name))
  if (groups.length === 0) throw new Error(`No group is like ${only}; groups are called ${GROUPS[0]?.name}.`)
  const subjects = new RegExp(values.subjects ?? chosen.subjects)
  if (!SUBJECTS.some(({ name }) => subjects.test(name))) {
    throw new Error(`No subject is like ${subjects}; choose among ${SUBJECTS.map(({ name }) => name).join('; ')}.`)
  }
  const seconds = Number(values.seconds ?? chosen.seconds)
  const options = {
    runs: Number(values.runs ?? chosen.runs),
    seconds,
    subjects,
    cameraSeconds: values.quick ? seconds : Math.max(seconds, LEAST_CAMERA_SECONDS),
    workshop,
    told: (line: string) => console.error(line),
  }
  const rows: Row[] = []
  for await (const done of compare(groups, options)) {
    if (Array.isArray(done)) rows.push(...done)
    else failed(done)
    save({ rows })
  }
  const summaries = rows.map((row) => summarize(row, rows))
  console.log(`${machine()}. Medians of ${options.runs} alternating runs of ${options.seconds} s.\n`)
  console.log(comparisonTable(summaries))
  return { options: { runs: options.runs, seconds: options.seconds }, summaries, rows }
}

function machine(): string {
  return `${cpus().length} x ${cpus()[0]?.model.trim()}, ${process.platform} ${process.arch}, Node.js ${process.version}`
}

// Children are ended when the process exits, which a signal alone does not do.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const missing = missingPrograms()
if (missing) {
  console.error(missing)
  process.exit(1)
}
run()
  .catch(failed)
  .finally(() => process.exit())
