// All checks that a change must pass. "npm test -- unit peer" runs only the tests of these layers.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT, runNpm } from './checkout.mjs'

const LAYERS = foldersWithTests()
const REQUIREMENTS = ['python3-zmq', 'chromium', 'ffmpeg', 'netns']
const TEST_TIMEOUT_MS = 120_000
// The demo looks for a free port, so two of it would get in each other's way; chaos takes the time of streams, so it is kept away from
// what is busy. More files at once than there are processors: the tests mostly wait.
const GROUPS = [
  { layers: LAYERS.filter((layer) => layer !== 'demo' && layer !== 'chaos'), concurrency: 3 },
  { layers: ['demo'], concurrency: 1 },
  { layers: ['chaos'], concurrency: 3 },
]
const NEED_NODE_RED_5 = ['browser', 'package']

const chosen = process.argv.slice(2)
const unknown = chosen.filter((layer) => !LAYERS.includes(layer))
if (unknown.length > 0) fail(`There is no layer ${unknown.join(', ')}; the layers are ${LAYERS.join(', ')}.`)

const start = performance.now()
ensureInstalled()
const leftOut = leftOutTests()
if (leftOut) console.log(leftOut)
if (leftOut && process.env.CI) fail('In CI no test may be left out.')
if (chosen.length === 0 || NEED_NODE_RED_5.some((layer) => chosen.includes(layer))) fetchNodeRed5()
ensureBuilt()
if (chosen.length === 0) {
  runNpm('run', '--silent', 'lint')
  runNpm('run', '--silent', 'typecheck')
}

const results = []
for (const group of GROUPS) results.push(await runGroup(group))
const total = (/** @type {'passed' | 'failed' | 'skipped'} */ what) =>
  results.reduce((sum, result) => sum + result[what], 0)
const problems = results.flatMap(({ problems }) => problems)
if (total('skipped') > 0 && !leftOut) problems.push('Tests were skipped although everything that they need is there.')

console.log(`\nTook ${((performance.now() - start) / 1000).toFixed(0)} s.`)
for (const problem of problems) console.log(problem)
if (leftOut) console.log(leftOut)
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
process.exit(problems.length > 0 || total('failed') > 0 ? 1 : 0)

/** Runs the chosen layers of a group, and shows their tests when all have ended. */
async function runGroup(/** @type {{ layers: string[], concurrency: number }} */ { layers, concurrency }) {
  const some = layers.filter((layer) => chosen.length === 0 || chosen.includes(layer))
  if (some.length === 0) return { passed: 0, failed: 0, skipped: 0, problems: [] }
  const folder = mkdtempSync(join(tmpdir(), 'netgear-test-'))
  const [report, output] = [join(folder, 'report.tap'), join(folder, 'output')]
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`, `--test-timeout=${TEST_TIMEOUT_MS}`],
      ...['--test-reporter=spec', `--test-reporter-destination=${output}`],
      ...['--test-reporter=tap', `--test-reporter-destination=${report}`],
      ...some.flatMap(testFiles),
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const [status] = await once(child, 'exit')
  console.log(`\n=== ${some.join(', ')}\n${readFileSync(output, 'utf8')}`)
  const result = countsIn(readFileSync(report, 'utf8'))
  rmSync(folder, { recursive: true })
  const problems = []
  if (result.passed + result.failed + result.skipped === 0) problems.push(`No test of ${some.join(', ')} ran.`)
  if (status !== 0) problems.push(`A test of ${some.join(', ')} failed.`)
  return { ...result, problems }
}

function testFiles(/** @type {string} */ layer) {
  const folder = join('test', layer)
  if (!existsSync(join(ROOT, folder))) return []
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => join(folder, name))
}

function foldersWithTests() {
  const entries = readdirSync(join(ROOT, 'test'), { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return folders.filter((folder) => testFiles(folder).length > 0)
}

/** Reads the figures that close a TAP report. */
function countsIn(/** @type {string} */ tap) {
  const count = (/** @type {string} */ what) => Number(tap.match(new RegExp(`^# ${what} (\\d+)$`, 'm'))?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail') + count('cancelled'), skipped: count('skipped') }
}

/** One line on what cannot be tested here, and how it could be; empty where everything can. */
function leftOutTests() {
  // Under CI `needs` lets nothing be skipped, so it is asked as if this were no CI.
  const { CI: _, ...env } = process.env
  const ask = `const { needs } = require('./test/requirements.ts')
    console.log(JSON.stringify(${JSON.stringify(REQUIREMENTS)}.map((name) => [name, needs(name).skip])))`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', '--eval', ask], {
    cwd: ROOT,
    encoding: 'utf8',
    env,
  })
  if (status !== 0) fail(`test/requirements.ts does not run:\n${stderr}`)
  /** @type {[string, string | false][]} */
  const answers = JSON.parse(stdout)
  const missing = answers.filter(([, reason]) => reason !== false).map(([name, reason]) => `${name} (${reason})`)
  return missing.length > 0 ? `Left out are the tests that need ${missing.join('; ')}.` : ''
}

/** Some tests need it; it comes from npm while others run. Where that fails, they say so themselves. */
function fetchNodeRed5() {
  const install = "void require('./test/package/installation.ts').nodeRed5().catch(() => undefined)"
  spawn(process.execPath, ['--import', 'tsx', '--eval', install], { cwd: ROOT, stdio: 'ignore' }).unref()
}

/** @returns {never} */
function fail(/** @type {string} */ reason) {
  console.error(reason)
  process.exit(1)
}
