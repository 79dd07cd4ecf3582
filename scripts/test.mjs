// All checks that a change must pass. "npm test -- unit peer" runs only the tests of these layers.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join, sep } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT, startNpm } from './checkout.mjs'
import { runTestFiles } from './run-test-files.mjs'

const LAYERS = foldersWithTests()
// Long ones first, so that no processor is idle at the end while one runs; what is not here comes last. Those of Node-RED 5 must not wait
// for it while others could run.
const NODE_RED_5 = 'node-red-5'
const ORDER = ['browser', 'demo', NODE_RED_5, 'peer', 'trust', 'node']
const NODE_RED_5_FILES = ['palette', 'journey', 'accessibility']
// Long ones here too, and beside what works hard, as floods do, what mostly waits.
const QUIET_ORDER = [
  'flood-jpegs',
  'floods',
  'handshake-flood',
  'flood-handshakes',
  'flood-open-files',
  'two-hosts',
  'pipeline',
  'window',
  'recovery',
  'pair-place',
  'python-recovery',
  'pressure',
  'redeploy',
  'random',
]
const COMPILED = ['test', 'lib', 'nodes', 'scripts']
// More files at once than there are processors: the tests mostly wait, those of single modules more than others.
const ROOM = 12
const ROOM_FOR_FILE = 3
const ROOM_FOR_UNIT_FILE = 2
// A browser works hard, so that more at once only get slower. The demo looks for a free port: two of it would get in each other's way.
// A flood takes a processor to itself: the streams of two would starve.
const LIMITS = { browser: 3, demo: 1, flood: 1 }
const NEED_NODE_RED_5 = ['browser', 'package']
const NEED_BROWSER = ['browser', 'demo']
const AGAIN_AT_MOST = 3

const chosen = process.argv.slice(2)
const unknown = chosen.filter((layer) => !LAYERS.includes(layer))
if (unknown.length > 0) fail(`There is no layer ${unknown.join(', ')}; the layers are ${LAYERS.join(', ')}.`)

const start = performance.now()
const some = LAYERS.filter((layer) => chosen.length === 0 || chosen.includes(layer))
if (NEED_NODE_RED_5.some((layer) => some.includes(layer))) fetchNodeRed5()
ensureInstalled()
const require = createRequire(import.meta.url)
const { compileAhead } = require('./typescript.cjs')
const { missing, REQUIREMENTS } = require('../test/requirements.ts')
const leftOut = leftOutTests()
if (leftOut) console.log(leftOut)
if (leftOut && process.env.CI) fail('In CI no test may be left out.')
ensureBuilt()
// All else has been checked by the build, without which there is no dist that is newer than its sources.
const checks = chosen.length === 0 ? ['lint', 'typecheck:tests'] : []
const [browser] = await Promise.all([shareBrowser(), compileTypeScript(), ...checks.map(check)])
const options = { room: ROOM, roomFor, groupOf, limits: LIMITS }
const ordered = some.flatMap(testFiles).sort((a, b) => rank(a) - rank(b))
const results = [
  ...(await runTestFiles(
    ordered.filter((file) => !needsQuiet(file)),
    options,
  )),
  ...(await runTestFiles(ordered.filter(needsQuiet), options)),
]
const failed = results.filter(({ problem }) => problem)
const alone = await tryAgain(failed)
await browser?.close()
const counted = [...results.filter(({ problem }) => !problem), ...alone]
const total = (/** @type {'passed' | 'failed' | 'skipped'} */ what) =>
  counted.reduce((sum, result) => sum + result[what], 0)
const problems = counted.flatMap(({ problem }) => problem ?? [])
if (total('skipped') > 0 && !leftOut) problems.push('Tests were skipped although everything that they need is there.')

console.log(`\nTook ${((performance.now() - start) / 1000).toFixed(0)} s.`)
for (const { file, problem } of failed) {
  if (alone.some((again) => again.file === file && !again.problem)) console.log(`Passed only alone: ${problem}`)
}
for (const problem of problems) console.log(problem)
if (leftOut) console.log(leftOut)
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
process.exit(problems.length > 0 || total('failed') > 0 ? 1 : 0)

/**
 * Runs files that failed once more, each alone: on a busy machine a test may lack the time that it needs. What fails alone too, fails; what
 * does not is told. Where many fail, it is not for want of time.
 */
function tryAgain(/** @type {import('./run-test-files.mjs').Result[]} */ failed) {
  if (failed.length > AGAIN_AT_MOST) return failed
  return runTestFiles(
    failed.map(({ file }) => file),
    { ...options, room: ROOM_FOR_FILE, roomFor: () => ROOM_FOR_FILE },
  )
}

/** Runs a script of package.json, and ends the process where that fails. */
async function check(/** @type {string} */ script) {
  if ((await startNpm('run', '--silent', script)) !== 0) fail(`"npm run ${script}" failed.`)
}

/** Whether a test takes the time of streams, so that it is kept away from what is busy. */
function needsQuiet(/** @type {string} */ file) {
  return layerOf(file) === 'chaos' || nameOf(file) === 'handshake-flood'
}

/** What must not run beside too many of its kind. */
function groupOf(/** @type {string} */ file) {
  return nameOf(file).includes('flood') ? 'flood' : layerOf(file)
}

function roomFor(/** @type {string} */ file) {
  return layerOf(file) === 'unit' ? ROOM_FOR_UNIT_FILE : ROOM_FOR_FILE
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
  await compileAhead(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')))
}

/** One line on what cannot be tested here, and how it could be; empty where everything can. */
function leftOutTests() {
  const reasons = REQUIREMENTS.map((/** @type {string} */ name) => [name, missing(name)]).filter(([, reason]) => reason)
  if (reasons.length === 0) return ''
  return `Left out are the tests that need ${reasons.map(([name, reason]) => `${name} (${reason})`).join('; ')}.`
}

/** Some tests need it; it comes from npm beside our own packages. */
function fetchNodeRed5() {
  spawn(process.execPath, [join(ROOT, 'scripts', 'node-red-5.mjs')], { stdio: 'ignore' }).unref()
}

/** One browser for all test files that need any: each would spend seconds on starting its own. */
async function shareBrowser() {
  if (!some.some((layer) => NEED_BROWSER.includes(layer)) || missing('chromium')) return
  const { SHARED_BROWSER, startSharedBrowser } = require('../test/browser/chromium.ts')
  const browser = await startSharedBrowser()
  process.env[SHARED_BROWSER] = browser.wsEndpoint()
  return browser
}

/** @returns {never} */
function fail(/** @type {string} */ reason) {
  console.error(reason)
  process.exit(1)
}
