// Runs test files, each in a process of its own, several at once, and counts their tests.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { ROOT } from './checkout.mjs'

const TYPESCRIPT = createRequire(import.meta.url).resolve('./typescript.cjs')
const FILE_TIMEOUT_MS = 120_000
const LAST_OUTPUT_MS = 1000
const FAILURES_LENGTH = 4000

/** @typedef {{ file: string, passed: number, failed: number, skipped: number, problem: string | undefined }} Result */

/**
 * Runs files in their order, as many at once as there is room for, and shows the report of each when it has ended.
 *
 * @param {string[]} files
 * @param {{ room: number, roomFor: (file: string) => number, groupOf: (file: string) => string, limits: Record<string, number> }} options
 *   `roomFor`: how much of `room` a file takes; of a group that is in `limits`, no more files than that run at once
 * @returns {Promise<Result[]>}
 */
export async function runTestFiles(files, { room, roomFor, groupOf, limits }) {
  const waiting = [...files]
  /** @type {Map<string, Promise<void>>} */
  const running = new Map()
  /** @type {Result[]} */
  const results = []
  const mayRun = (/** @type {string} */ file) => {
    const others = [...running.keys()]
    const sameGroup = others.filter((other) => groupOf(other) === groupOf(file))
    const taken = others.reduce((sum, other) => sum + roomFor(other), 0)
    return sameGroup.length < (limits[groupOf(file)] ?? Number.POSITIVE_INFINITY) && taken + roomFor(file) <= room
  }
  const run = async (/** @type {string} */ file) => {
    results.push(await runTestFile(file))
    running.delete(file)
  }
  while (waiting.length > 0 || running.size > 0) {
    for (let at = waiting.findIndex(mayRun); at >= 0; at = waiting.findIndex(mayRun)) {
      const [file = ''] = waiting.splice(at, 1)
      running.set(file, run(file))
    }
    await Promise.race(running.values())
  }
  return results
}

/** @returns {Promise<Result>} */
async function runTestFile(/** @type {string} */ file) {
  const start = performance.now()
  const child = spawn(process.execPath, ['--require', TYPESCRIPT, '--test-reporter=spec', file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: FILE_TIMEOUT_MS,
  })
  let report = ''
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text) => (report += text))
  // A process that a test left behind keeps the output open.
  await Promise.race([once(child, 'close'), once(child, 'exit').then(() => delay(LAST_OUTPUT_MS))])
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const result = countsIn(report)
  const problem = problemOf(child, result)
  console.log(`\n=== ${file} (${seconds} s)\n${problem ? report : withoutFigures(report)}`)
  return { file, ...result, problem: problem && `${file} ${problem} after ${seconds} s.${failuresIn(report)}` }
}

/** @returns {string | undefined} */
function problemOf(
  /** @type {import('node:child_process').ChildProcess} */ { signalCode, exitCode },
  /** @type {{ passed: number, skipped: number }} */ { passed, skipped },
) {
  if (signalCode) return `was ended by ${signalCode}`
  if (exitCode !== 0) return 'failed'
  return passed + skipped === 0 ? 'ran no test' : undefined
}

/** What a report says at its end of tests that failed. */
function failuresIn(/** @type {string} */ report) {
  const [, failures = ''] = report.split(/\n\S* ?failing tests:\n/)
  return failures.trimEnd().slice(0, FAILURES_LENGTH)
}

/** Reads the figures that close a report. */
function countsIn(/** @type {string} */ report) {
  const count = (/** @type {string} */ what) =>
    Number([...report.matchAll(new RegExp(`^\\S* ?${what} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail') + count('cancelled'), skipped: count('skipped') }
}

function withoutFigures(/** @type {string} */ report) {
  return report.replace(/\n\S+ tests \d+\n[\s\S]*$/, '')
}
