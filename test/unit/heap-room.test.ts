import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { growthPercent } from '../../lib/link/heap-room'

const MB = 1024 ** 2

describe('the room for frames', () => {
  test('is the same number of bytes, whatever is alive', () => {
    assert.equal(growthPercent(32 * MB, 256 * MB), 800)
    assert.equal(growthPercent(128 * MB, 256 * MB), 200)
  })

  test('is left to V8 where the heap is large already', () => {
    assert.equal(growthPercent(1024 * MB, 256 * MB), 0)
  })

  test('spares collections of the whole heap while a link is open, and no longer', async () => {
    const [closed, open] = await Promise.all([wholeCollections('closed'), wholeCollections('open')])
    assert.ok(open === 0 && closed > 0, `${open} with a link, ${closed} without`)
  })

  test('is left alone where the user has set it', async () => {
    const [closed, open] = await Promise.all([
      wholeCollections('closed', '--heap-growing-percent=15'),
      wholeCollections('open', '--heap-growing-percent=15'),
    ])
    assert.ok(Math.abs(open - closed) < 3, `${open} with a link, ${closed} without`)
  })
})

/** How often V8 collects its whole heap while a process comes to keep 100 MB. */
async function wholeCollections(link: 'open' | 'closed', ...flags: string[]): Promise<number> {
  const program = `
    const { makeRoomForFrames } = require('./lib/link/heap-room')
    const end = makeRoomForFrames()
    if (${link === 'closed'}) end()
    gc()
    let collections = 0
    const observer = new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) collections += detail.kind === 4 ? 1 : 0
    })
    const kept = []
    const keepMore = () => {
      kept.push(new Array(${MB / 8}).fill(kept.length))
      if (kept.length < 100) setTimeout(keepMore, 2)
      else setTimeout(() => { console.log(collections); process.exit() }, 20)
    }
    // our own collection is told of meanwhile
    setTimeout(() => {
      observer.observe({ entryTypes: ['gc'] })
      keepMore()
    }, 50)`
  const args = ['--expose-gc', ...flags, '--import', 'tsx', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}
