// All checks that a change must pass. "npm test -- unit peer" runs only the tests of these layers.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT, runNpm } from './checkout.mjs'
import { runTestFiles } from './run-test-files.mjs'

const LAYERS = foldersWithTests()
const REQUIREMENTS = ['python3-zmq', 'chromium', 'ffmpeg', 'netns']
// Long ones first, so that no processor is idle at the end while one runs; what is not here comes last. Those of Node-RED 5 must not wait
// for it while others could run.
const NODE_RED_5 = 'node-red-5'
const ORDER = ['browser', 'demo', NODE_RED_5, 'peer', 'trust', 'node']
const NODE_RED_5_FILES = ['palette', 'journey', 'accessibility']
// Long ones here too, and beside what works hard what mostly waits.
const QUIET_ORDER = [
  'two-hosts',
  'pipeline',
  'window',
  'recovery',
  'pair-place',
  'python-recovery',
  'pressure',
  'redeploy',
  'floods',
  'random',
]
const COMPILED = ['test', 'lib', 'nodes', 'scripts']
// More files at once than there are processors: the tests mostly wait.
const CONCURRENCY = 3
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

await compileTypeScript()
const some = LAYERS.filter((layer) => chosen.length === 0 || chosen.includes(layer))
const options = {
  concurrency: CONCURRENCY,
  // The demo looks for a free port, so two of it would get in each other's way.
  alone: (/** @type {string} */ file) => layerOf(file) === 'demo',
}
const ordered = some.flatMap(testFiles).sort((a, b) => rank(a) - rank(b))
const results = [
  ...(await runTestFiles(
    ordered.filter((file) => !needsQuiet(file)),
    options,
  )),
  ...(await runTestFiles(ordered.filter(needsQuiet), options)),
]
const total = (/** @type {'passed' | 'failed' | 'skipped'} */ what) =>
  results.reduce((sum, result) => sum + result[what], 0)
const problems = results.flatMap(({ problems }) => problems)
if (total('skipped') > 0 && !leftOut) problems.push('Tests were skipped although everything that they need is there.')

console.log(`\nTook ${((performance.now() - start) / 1000).toFixed(0)} s.`)
for (const problem of problems) console.log(problem)
if (leftOut) console.log(leftOut)
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
process.exit(problems.length > 0 || total('failed') > 0 ? 1 : 0)

/** Whether a test takes the time of streams, so that it is kept away from what is busy. */
function needsQuiet(/** @type {string} */ file) {
  return layerOf(file) === 'chaos' || nameOf(file) === 'handshake-flood'
}

function nameOf(/** @type {string} */ file) {
  return basename(file, '.test.ts')
}

function layerOf(/** @type {string} */ file) {
  return file.split(sep)[1] ?? ''
}

/** When a file's turn is among the others: the lower, the sooner. */
function rank(/** @type {string} */ file) {
  const kind = NODE_RED_5_FILES.includes(nameOf(file)) ? NODE_RED_5 : layerOf(file)
  const place = needsQuiet(file) ? QUIET_ORDER.indexOf(nameOf(file)) : ORDER.indexOf(kind)
  return place < 0 ? QUIET_ORDER.length : place
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

/** All at once, as each test file for itself would start the compiler for each file that it needs. */
async function compileTypeScript() {
  const files = COMPILED.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, folder, name)),
  )
  const { compileAhead } = await import('./typescript.cjs')
  await compileAhead(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')))
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
