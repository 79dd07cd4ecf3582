import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { Arrivals } from '../pipeline/arrivals'
import type { Finding } from '../pipeline/judge'
import { growthPerHour } from '../pipeline/trend'
import { needs } from '../requirements'
import { RUN_TYPESCRIPT } from '../typescript'

const ROOT = resolve(__dirname, '..', '..')
// With one whose faults do not last long.
const SEED = '34'
const FAULTS = [
  'kill Node-RED A',
  'cut the line on the last hop',
  "rotate the keys of A's end",
  'take the sender.s key out',
  "fill the disk with Node-RED A's user directory",
]

test('Python → Node-RED → Node-RED → Python outlives the most telling faults', needs('python3-zmq'), async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netgear-chaos-'))
  const report = join(folder, 'report.json')
  const given = ['--rounds', '1', '--seed', SEED, '--patterns', 'pubsub,pair,reqrep', '--json', report]
  const program = [...RUN_TYPESCRIPT, 'test/pipeline/chaos.ts', ...given, '--only', `^(${FAULTS.join('|')})`]
  try {
    const told = await promisify(execFile)(process.execPath, program, { cwd: ROOT }).catch((error) => error)
    assert.equal(told.code, undefined, told.stdout + told.stderr)
    const { findings, counts } = JSON.parse(readFileSync(report, 'utf8')) as {
      findings: Finding[]
      counts: Arrivals['counts']
    }
    // Filling a disk needs root.
    assert.ok(findings.length === FAULTS.length || findings.length === FAULTS.length - 1, told.stdout)
    assert.ok(counts.right > 100, told.stdout)
    assert.deepEqual({ wrong: counts.wrong, outOfOrder: counts.outOfOrder }, { wrong: 0, outOfOrder: 0 })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe('what judges the stream', () => {
  const frame = (run: string, number: number, right = true) =>
    ({ event: 'frame', run, number, right, sentAt: 0, receivedAt: 0 }) as const

  test('counts frames that are wrong, late, repeated or missing, by run of the sender', () => {
    const arrivals = new Arrivals()
    for (const one of [frame('a', 0), frame('a', 1), frame('a', 1), frame('a', 5), frame('a', 3)]) arrivals.add(one)
    for (const one of [frame('b', 2), frame('a', 6), frame('b', 3, false), frame('b', 4)]) arrivals.add(one)
    assert.deepEqual(arrivals.counts, { right: 5, wrong: 1, outOfOrder: 2, repeated: 1, lost: 4 })
  })

  test('takes no frame that was sent before the end of a fault for a stream that is back', async () => {
    const arrivals = new Arrivals()
    const back = arrivals.back(50)
    arrivals.add(frame('a', 0))
    assert.equal(await back, undefined)
  })

  test('finds the slope of a trend', () => {
    const samples = [0, 1, 2, 3].map((hours) => ({ hours, value: 100 + 7 * hours + (hours % 2) }))
    assert.ok(Math.abs(growthPerHour(samples) - 7.2) < 0.01)
  })
})
