import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { CHANNELS, type PixelOrder, type RawPicture } from '../../lib/video/picture'
import { reorderPixels } from '../../lib/video/pixel-order'
import { assertSamePixels, bytesOf, patches, speckles } from '../fixtures/video/pictures'

const ORDERS = ['RGB', 'BGR', 'RGBA', 'BGRA', 'GRAY'] as const

function raw(width: number, height: number, order: PixelOrder, data: Buffer): RawPicture {
  return { kind: 'raw', data, width, height, channels: CHANNELS[order], order }
}

describe('reorderPixels', () => {
  test('is right to the pixel, from every colour order to every order, at odd sizes', async () => {
    for (const [width, height] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [3, 5],
      [4, 4],
      [641, 479],
    ] as const) {
      for (const from of ORDERS) {
        const source = speckles(width, height, from)
        for (const to of ORDERS) {
          if (from === 'GRAY' && to !== 'GRAY') continue
          const result = await reorderPixels(source, to)
          assertSamePixels(result, speckles(width, height, to))
        }
      }
    }
  })

  test('grey goes into all three colours, opaque', async () => {
    const gray = raw(3, 1, 'GRAY', Buffer.from([0, 7, 255]))
    assert.deepEqual([...(await reorderPixels(gray, 'BGR')).data], [0, 0, 0, 7, 7, 7, 255, 255, 255])
    const opaque = [0, 0, 0, 255, 7, 7, 7, 255, 255, 255, 255, 255]
    assert.deepEqual([...(await reorderPixels(gray, 'RGBA')).data], opaque)
  })

  test('alpha moves along', async () => {
    const pixels = [...bytesOf([1, 2, 3], 'RGBA', 4), ...bytesOf([250, 251, 252], 'RGBA', 253)]
    const swapped = await reorderPixels(raw(2, 1, 'RGBA', Buffer.from(pixels)), 'BGRA')
    assert.deepEqual([...swapped.data], [...bytesOf([1, 2, 3], 'BGRA', 4), ...bytesOf([250, 251, 252], 'BGRA', 253)])
  })

  test('gives the same object when there is nothing to do, and never writes to what it got', async () => {
    const source = patches(7, 3, 'RGB')
    const before = Buffer.from(source.data)
    assert.equal(await reorderPixels(source, 'RGB'), source)
    for (const order of ORDERS) await reorderPixels(source, order)
    assert.deepEqual(source.data, before)
  })

  test('there and back gives the same bytes, wherever the Buffer lies in memory', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 5 }),
      fc.infiniteStream(fc.nat({ max: 255 })),
      fc.constantFrom(['RGB', 'BGR'] as const, ['RGBA', 'BGRA'] as const, ['BGR', 'RGBA'] as const),
      async (width, offset, stream, [order, other]) => {
        const length = width * CHANNELS[order]
        const data = Buffer.from([...stream.take(offset + length)]).subarray(offset)
        const source = raw(width, 1, order, data)
        assert.deepEqual(await reorderPixels(await reorderPixels(source, other), order), source)
      },
    )
    await fc.assert(property, { numRuns: 100 })
  })

  test('of a large picture only a part is done at each turn of the event loop, and the parts fit together', async () => {
    const [width, height] = [1201, 1801]
    for (const [from, to] of [
      ['RGB', 'BGR'],
      ['RGBA', 'BGRA'],
      ['BGR', 'RGBA'],
      ['BGRA', 'GRAY'],
    ] as const) {
      const row = raw(width, 1, from, randomBytes(width * CHANNELS[from]))
      const source = raw(width, height, from, Buffer.alloc(row.data.length * height, row.data))
      let turns = 0
      let working = true
      const count = () => {
        turns += 1
        if (working) setImmediate(count)
      }
      setImmediate(count)
      const result = await reorderPixels(source, to)
      working = false
      assert.ok(turns >= 2, `${turns} turns`)
      const expected = (await reorderPixels(row, to)).data
      assert.ok(result.data.equals(Buffer.alloc(expected.length * height, expected)), `${from} to ${to}`)
    }
  })
})
