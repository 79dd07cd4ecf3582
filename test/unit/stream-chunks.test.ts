import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Completion } from '../../nodes/netgear-out/completion'
import { StreamChunks } from '../../nodes/netgear-out/stream-chunks'

/** The least that is cut from a stream as a JPEG, with so many bytes of picture data. */
function jpeg(dataBytes: number): Buffer {
  return Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 3, 0, ...Buffer.alloc(dataBytes, 0x55), 0xff, 0xd9])
}

/** How many pictures a message holds for `netgear-out`: what is no piece of a stream is one. */
function pictures(chunks: StreamChunks, payload: Buffer): number {
  if (!chunks.accepts(payload)) return 1
  return chunks.push(payload, new Completion(() => undefined)).length
}

describe('whole JPEGs and pieces of a stream, in one node', () => {
  test('a camera sends whole JPEGs: none of them is cut', () => {
    const chunks = new StreamChunks()
    for (const bytes of [1000, 1100, 900, 1400, 5000, 10]) assert.equal(chunks.accepts(jpeg(bytes)), false)
    chunks.close()
  })

  test('a JPEG without its end is the beginning of a stream, also among others of its size', () => {
    const chunks = new StreamChunks()
    assert.equal(chunks.accepts(jpeg(1000)), false)
    assert.equal(chunks.accepts(jpeg(1100).subarray(0, -1)), true)
    chunks.close()
  })

  test('after a JPEG that was cut off, pictures of other kinds are no piece of it', () => {
    const ended: (Error | undefined)[] = []
    for (const picture of [
      Buffer.from('89504e470d0a1a0a0000', 'hex'),
      'data:image/png;base64,iVBORw0KGgo=',
      jpeg(100).toString('base64'),
    ]) {
      const chunks = new StreamChunks()
      const completion = new Completion((error) => ended.push(error))
      chunks.push(jpeg(1000).subarray(0, -10), completion.begin())
      completion.end()
      assert.equal(chunks.accepts(picture), false)
      chunks.close()
    }
    assert.equal(ended.length, 3)
    for (const error of ended) assert.match(String(error), /began and did not end/)
  })

  test('two that begin to come in one message, each half as large as those before, are soon told apart', () => {
    const chunks = new StreamChunks()
    assert.equal(pictures(chunks, jpeg(2000)), 1)
    const joined = Buffer.concat([jpeg(1050), jpeg(1050)])
    const found = Array.from({ length: 40 }, () => pictures(chunks, joined))
    assert.deepEqual(found.slice(16), Array(24).fill(2))
    chunks.close()
  })

  test('none is lost, however many come in one message, if their sizes do not jump', () => {
    const message = fc.array(fc.integer({ min: 1000, max: 1300 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        const chunks = new StreamChunks()
        for (const sizes of messages) {
          assert.equal(pictures(chunks, Buffer.concat(sizes.map(jpeg))), sizes.length)
        }
        chunks.close()
      }),
    )
  })
})
