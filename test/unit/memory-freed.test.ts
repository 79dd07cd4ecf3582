import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const FRAME_BYTES = 6_220_800
const PAGE_BYTES = 4096
const { header } = process.report.getReport() as unknown as { header: object }
const glibc = 'glibcVersionRuntime' in header

test('the memory of frames is taken from the kernel once, not again for each', async () => {
  const pages = await pagesTaken()
  const ofOneRound = (3 * FRAME_BYTES) / PAGE_BYTES
  // Other C libraries go on as before.
  if (glibc) assert.ok(pages < ofOneRound / 10, `${pages} pages a round`)
})

/** How many pages a process takes from the kernel for each round of three frames that it frees again. */
async function pagesTaken(): Promise<number> {
  const program = `
    require('./lib/memory/freed-memory').keepFreedMemory(${FRAME_BYTES})
    const rounds = 20
    const oneRound = () => {
      for (let frame = 0; frame < 3; frame += 1) Buffer.allocUnsafeSlow(${FRAME_BYTES}).fill(1)
      // what a thread of V8's frees is freed when this returns
      gc({ type: 'major' })
    }
    let before
    let round = 0
    const next = () => {
      if (round === 5) before = process.resourceUsage().minorPageFault
      if (round === 5 + rounds) return console.log((process.resourceUsage().minorPageFault - before) / rounds)
      round += 1
      oneRound()
      setTimeout(next, 5)
    }
    next()`
  const args = ['--expose-gc', '--import', 'tsx', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}
