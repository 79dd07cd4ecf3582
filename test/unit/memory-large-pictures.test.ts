import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { collectYoung } from '../../lib/memory/garbage'
import { fitHeapRoom, openHeapRoom } from '../../lib/memory/heap-room'
import { makeLargePicture } from '../../lib/memory/large-pictures'

const MB = 1024 ** 2
const SETTLED_MS = 50

/** Pictures that are being made until the test says that they are ready. */
function begin(...megabytes: number[]) {
  const begun: number[] = []
  const end: (() => void)[] = []
  const made = megabytes.map((size, index) =>
    makeLargePicture(size * MB, 0, () => {
      begun.push(index)
      return new Promise<number>((resolve) => {
        end[index] = () => resolve(size)
      })
    }),
  )
  return { begun, end, made }
}

describe('large pictures', () => {
  test('are made side by side as long as they have room, the others one after the other', async () => {
    const { begun, end, made } = begin(100, 100, 100, 10)
    await delay(SETTLED_MS)
    assert.deepEqual(begun, [0, 1])
    end[1]?.()
    await made[1]
    await delay(SETTLED_MS)
    assert.deepEqual(begun, [0, 1, 2, 3])
    for (const index of [0, 2, 3]) end[index]?.()
    assert.deepEqual(await Promise.all(made), [100, 100, 100, 10])
  })

  test('that are larger than the room are made alone', async () => {
    const { begun, end, made } = begin(400, 400)
    await delay(SETTLED_MS)
    assert.deepEqual(begun, [0])
    end[0]?.()
    await made[0]
    await delay(SETTLED_MS)
    assert.deepEqual(begun, [0, 1])
    end[1]?.()
    await made[1]
  })

  test('count with what is taken to make them', async () => {
    let begun = false
    const first = makeLargePicture(50 * MB, 150 * MB, () => delay(SETTLED_MS))
    const second = makeLargePicture(100 * MB, 0, async () => {
      begun = true
    })
    await first
    assert.equal(begun, false)
    await second
  })

  test('give their room back when they cannot be made', async () => {
    for (let index = 0; index < 4; index += 1) {
      const broken = makeLargePicture(200 * MB, 0, () => Promise.reject(new Error('broken')))
      await assert.rejects(broken, { message: 'broken' })
    }
  })

  test('are collected once nobody has them any more, also those that V8 takes for old', async (t) => {
    t.after(openHeapRoom())
    fitHeapRoom(100 * MB)
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    for (let index = 0; index < 12; index += 1) {
      const { length } = await makeLargePicture(100 * MB, 0, async () => {
        const picture = Buffer.allocUnsafeSlow(100 * MB)
        for (let survived = 0; survived < 3; survived += 1) collectYoung()
        return picture
      })
      assert.equal(length, 100 * MB)
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      await turn()
    }
    assert.ok(most <= 300 * MB, `${most} bytes`)
  })
})
