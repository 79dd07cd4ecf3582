import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { growthPercent, roomBytes } from '../../lib/memory/heap-room'

const MB = 1024 ** 2
const GB = 1024 * MB

describe('the room for frames', () => {
  test('is that of sixteen frames, which V8 counts twice, within bounds', () => {
    assert.equal(roomBytes(4 * MB, 16 * GB, 4 * GB), 128 * MB)
    assert.equal(roomBytes(100_000, 16 * GB, 4 * GB), 32 * MB)
    assert.equal(roomBytes(24 * MB, 16 * GB, 4 * GB), 256 * MB)
  })

  test('is small where memory or the heap is', () => {
    assert.equal(roomBytes(24 * MB, 1 * GB, 4 * GB), 64 * MB)
    assert.equal(roomBytes(24 * MB, 16 * GB, 256 * MB), 64 * MB)
  })

  test('is the same number of bytes, whatever is alive; a large heap has no less than half as much again', () => {
    assert.equal(growthPercent(32 * MB, 256 * MB), 800)
    assert.equal(growthPercent(128 * MB, 256 * MB), 200)
    assert.equal(growthPercent(1 * GB, 256 * MB), 50)
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
    const { fitHeapRoom, openHeapRoom } = require('./lib/memory/heap-room')
    fitHeapRoom(${8 * MB})
    const end = openHeapRoom()
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
