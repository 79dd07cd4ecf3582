import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import { MjpegSplitter } from '../../lib/video/mjpeg-splitter'
import { isOneWholeJpeg, isWholeJpeg, looksLikeStreamChunk } from '../../lib/video/whole-jpeg'
import { image, patches, speckles, withThumbnail } from '../fixtures/video/pictures'

const PART_HEAD = Buffer.from('\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\n')

function push(splitter: MjpegSplitter, chunks: readonly Buffer[]): Buffer[] {
  return chunks.flatMap((chunk) => splitter.push(chunk))
}

/** The bytes in pieces that end at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
}

const segment = fc
  .tuple(fc.constantFrom(0xc4, 0xdb, 0xdd, 0xe0, 0xe1, 0xfe), fc.array(fc.constantFrom(0, 0xff, 0xd8, 0xd9, 0xda, 7)))
  .map(([marker, payload]) => [0xff, marker, 0, payload.length + 2, ...payload])
const scan = fc
  .array(fc.constantFrom([0xff, 0], [0xff, 0xd3], [0xd8], [0xd9], [0xda], [0], [0x55]), { maxLength: 30 })
  .map((data) => [0xff, 0xda, 0, 3, 0xd9, ...data.flat()])
const syntheticJpeg = fc
  .tuple(
    fc.array(segment, { maxLength: 4 }),
    fc.array(fc.tuple(scan, fc.array(segment, { maxLength: 2 })), { minLength: 1, maxLength: 3 }),
  )
  .map(([head, scans]) =>
    Buffer.from([
      0xff,
      0xd8,
      ...head.flat(),
      ...scans.flatMap(([data, tables]) => [...data, ...tables.flat()]),
      0xff,
      0xd9,
    ]),
  )
const garbage = fc
  .oneof(
    fc.constant(PART_HEAD),
    fc.array(fc.constantFrom(0xff, 0xd9, 0xda, 0, 0x2d, 0x41)).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  )
  .filter((bytes) => !bytes.includes(Buffer.from([0xff, 0xd8])))

describe('MjpegSplitter', () => {
  let jpegs: Buffer[]

  before(async () => {
    const plain = await image(speckles(40, 30, 'RGB'))
      .jpeg()
      .toBuffer()
    const progressive = await image(speckles(40, 30, 'RGB'))
      .jpeg({ progressive: true })
      .toBuffer()
    const gray = await image(patches(3, 5, 'GRAY'))
      .toColourspace('b-w')
      .jpeg()
      .toBuffer()
    jpegs = [plain, withThumbnail(plain, gray), progressive, gray]
  })

  test('gives the same JPEGs, however the stream is cut and whatever lies between', () => {
    const frames = fc.array(fc.tuple(garbage, fc.oneof(fc.nat({ max: 3 }), syntheticJpeg)), { maxLength: 5 })
    fc.assert(
      fc.property(frames, garbage, fc.array(fc.nat({ max: 8000 }), { maxLength: 12 }), (parts, tail, places) => {
        const expected = parts.map(([, jpeg]) => (Buffer.isBuffer(jpeg) ? jpeg : (jpegs[jpeg] ?? Buffer.alloc(0))))
        const stream = Buffer.concat([...parts.flatMap(([between], i) => [between, expected[i] ?? between]), tail])
        const splitter = new MjpegSplitter()
        const frames = push(splitter, cut(stream, places))
        assert.deepEqual(frames, expected)
        assert.equal(splitter.dropped, 0)
        assert.equal(splitter.withinFrame, false)
      }),
      { numRuns: 400 },
    )
  })

  test('gives the same JPEGs byte by byte', () => {
    const stream = Buffer.concat(jpegs.flatMap((jpeg) => [PART_HEAD, jpeg]))
    const bytes = Array.from(stream, (_, at) => stream.subarray(at, at + 1))
    assert.deepEqual(push(new MjpegSplitter(), bytes), jpegs)
  })

  test('hands a frame on with its last byte, not with the next frame', () => {
    const splitter = new MjpegSplitter()
    const [jpeg] = jpegs
    assert.ok(jpeg)
    assert.deepEqual(splitter.push(jpeg.subarray(0, -1)), [])
    assert.equal(splitter.withinFrame, true)
    assert.deepEqual(splitter.push(jpeg.subarray(-1)), [jpeg])
  })

  test('gives frames within one chunk as slices of it, others in memory of their own', () => {
    const [first, second] = jpegs
    assert.ok(first && second)
    const chunk = Buffer.concat([first, second])
    const whole = new MjpegSplitter().push(chunk)
    assert.deepEqual(
      whole.map((frame) => frame.buffer === chunk.buffer),
      [true, true],
    )
    const [joined] = push(new MjpegSplitter(), cut(Buffer.from(first), [100, 200]))
    assert.equal(joined?.buffer.byteLength, first.length)
  })

  test('earlier frames stay as they are while later ones come in', () => {
    const splitter = new MjpegSplitter()
    const frames = push(
      splitter,
      jpegs.flatMap((jpeg) => cut(jpeg, [50])),
    )
    assert.deepEqual(frames, jpegs)
  })

  test('cut at any length it neither crashes nor gives a frame', () => {
    for (const jpeg of jpegs) {
      for (let length = 0; length < jpeg.length; length++) {
        assert.deepEqual(new MjpegSplitter().push(jpeg.subarray(0, length)), [], `at length ${length}`)
      }
    }
  })

  test('a frame cut off in its picture data is dropped and counted; the next one comes whole', () => {
    const [plain, exif] = jpegs
    assert.ok(plain && exif)
    const stream = Buffer.concat([plain.subarray(0, -20), exif, plain])
    for (const places of [[], [plain.length - 20], [plain.length - 19], [plain.length - 18]]) {
      const splitter = new MjpegSplitter()
      assert.deepEqual(push(splitter, cut(stream, places)), [exif, plain])
      assert.equal(splitter.dropped, 1)
    }
  })

  test('a stream joined in the middle of a frame starts with the next one', () => {
    const [plain, exif] = jpegs
    assert.ok(plain && exif)
    assert.deepEqual(new MjpegSplitter().push(Buffer.concat([plain.subarray(-100), exif])), [exif])
  })

  test('fill bytes before markers belong to the frame', () => {
    const jpeg = Buffer.from('ffd8ffffe00004d9d9ffffffda00020055ff00ffffd9', 'hex')
    assert.deepEqual(push(new MjpegSplitter(), [jpeg, jpeg]), [jpeg, jpeg])
  })

  test('what begins like a JPEG and is none is skipped, and not counted', () => {
    const [plain] = jpegs
    assert.ok(plain)
    const tablesOnly = Buffer.from('ffd8ffdb0004d9d9ffd9', 'hex')
    for (const none of [tablesOnly, Buffer.from('ffd8ffe0000200', 'hex'), Buffer.from('ffd8ffe00001', 'hex')]) {
      const splitter = new MjpegSplitter()
      assert.deepEqual(splitter.push(none), [])
      assert.equal(splitter.withinFrame, false)
      assert.deepEqual(splitter.push(plain), [plain])
      assert.equal(splitter.dropped, 0)
    }
  })

  test('a frame beyond the limit is dropped and counted, in one chunk or many', () => {
    const [plain, , , gray] = jpegs
    assert.ok(plain && gray)
    const stream = Buffer.concat([plain, gray, plain, gray])
    for (const places of [[], [300], Array.from(stream.keys())]) {
      const splitter = new MjpegSplitter({ limit: plain.length - 1 })
      assert.deepEqual(push(splitter, cut(stream, places)), [gray, gray])
      assert.equal(splitter.dropped, 2)
    }
  })

  test('a frame of just the limit passes', () => {
    const [plain] = jpegs
    assert.ok(plain)
    const splitter = new MjpegSplitter({ limit: plain.length })
    assert.deepEqual(push(splitter, cut(plain, [100])), [plain])
  })

  test('a frame that never ends keeps no more than the limit', () => {
    const splitter = new MjpegSplitter({ limit: 100_000 })
    splitter.push(Buffer.from('ffd8ffda0002', 'hex'))
    for (let i = 0; i < 40; i++) assert.deepEqual(splitter.push(Buffer.alloc(10_000, 0x55)), [])
    assert.equal(splitter.dropped, 1)
    assert.equal(splitter.withinFrame, false)
  })

  test('time grows with the bytes, not with their square', { timeout: 8000 }, () => {
    const jpeg = Buffer.concat([
      Buffer.from('ffd8ffda0002', 'hex'),
      Buffer.alloc(1_000_000, 0x55),
      Buffer.from('ffd9', 'hex'),
    ])
    const splitter = new MjpegSplitter()
    const frames: Buffer[] = []
    for (let at = 0; at < jpeg.length; at++) frames.push(...splitter.push(jpeg.subarray(at, at + 1)))
    assert.equal(frames[0]?.equals(jpeg), true)
  })

  test('reset forgets the frame that has begun', () => {
    const [plain, exif] = jpegs
    assert.ok(plain && exif)
    const splitter = new MjpegSplitter()
    splitter.push(plain.subarray(0, 400))
    splitter.reset()
    assert.equal(splitter.withinFrame, false)
    assert.deepEqual(splitter.push(exif), [exif])
    assert.equal(splitter.dropped, 0)
  })
})

describe('whole JPEG or piece of a stream', () => {
  let plain: Buffer
  let exif: Buffer

  before(async () => {
    plain = await image(speckles(40, 30, 'RGB'))
      .jpeg()
      .toBuffer()
    exif = withThumbnail(plain, plain)
  })

  test('a JPEG is whole with padding or other bytes behind it, and not without its end', () => {
    assert.equal(isWholeJpeg(exif), true)
    assert.equal(isWholeJpeg(Buffer.concat([exif, Buffer.alloc(9)])), true)
    assert.equal(isWholeJpeg(Buffer.concat([exif, Buffer.from('trailer')])), true)
    assert.equal(isWholeJpeg(exif.subarray(0, -1)), false)
    assert.equal(isWholeJpeg(exif.subarray(0, -2)), false)
    assert.equal(isWholeJpeg(exif.subarray(0, plain.length + 30)), false)
  })

  test('many megabytes of markers are told from a JPEG in a moment', () => {
    const frame = 'ffc0000b080010001001011100'
    const scan = 'ffda0008010100003f00'
    const start = performance.now()
    for (const [head, pattern] of [
      [`ffd8${frame}`, '00'],
      [`ffd8${frame}${scan}`, 'ff00'],
      [`ffd8${frame}${scan}`, 'ffd8'],
      ['ffd8', 'ff01'],
      ['ffd8', 'fffe0002'],
      ['ffd8', 'ff'],
    ] as const) {
      const hostile = Buffer.alloc(32 << 20, pattern, 'hex')
      hostile.write(head, 'hex')
      assert.equal(isWholeJpeg(hostile), false)
      if (head === 'ffd8') assert.throws(() => readJpegHeader(hostile), { code: 'NETGEAR_JPEG_BROKEN' })
    }
    const took = performance.now() - start
    assert.ok(took < 1500, `${took} ms`)
  })

  test('pieces of a stream are told from pictures', () => {
    assert.equal(looksLikeStreamChunk(plain), false)
    assert.equal(looksLikeStreamChunk(exif), false)
    assert.equal(looksLikeStreamChunk(Buffer.concat([plain, Buffer.alloc(4)])), false)
    assert.equal(looksLikeStreamChunk(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')), false)
    assert.equal(looksLikeStreamChunk(Buffer.from('-- a text')), false)
    assert.equal(looksLikeStreamChunk(Buffer.alloc(0)), false)
    assert.equal(looksLikeStreamChunk(plain.subarray(0, -1)), true)
    assert.equal(looksLikeStreamChunk(Buffer.concat([plain, plain])), true)
    assert.equal(looksLikeStreamChunk(Buffer.concat([plain, exif])), true)
    assert.equal(looksLikeStreamChunk(exif.subarray(0, exif.indexOf(plain) + plain.length)), true)
    assert.equal(looksLikeStreamChunk(Buffer.concat([plain, PART_HEAD])), true)
    assert.equal(looksLikeStreamChunk(PART_HEAD), true)
    assert.equal(looksLikeStreamChunk(PART_HEAD.subarray(2)), true)
  })

  test('one JPEG and no byte more is told without walking it', () => {
    assert.equal(isOneWholeJpeg(plain), true)
    assert.equal(isOneWholeJpeg(exif), false, 'a thumbnail is a second picture until it is walked over')
    assert.equal(isOneWholeJpeg(plain.subarray(0, -1)), false)
    assert.equal(isOneWholeJpeg(Buffer.concat([plain, Buffer.alloc(1)])), false)
    assert.equal(isOneWholeJpeg(Buffer.concat([PART_HEAD, plain])), false)
    assert.equal(isOneWholeJpeg(Buffer.from([0xff, 0xd8, 0xff, 0xd9])), false)
    assert.equal(isOneWholeJpeg(Buffer.alloc(0)), false)
  })

  test('what is taken for one JPEG never holds a second', () => {
    fc.assert(
      fc.property(syntheticJpeg, fc.array(fc.tuple(garbage, syntheticJpeg), { maxLength: 3 }), (first, more) => {
        const stream = Buffer.concat([first, ...more.flat()])
        assert.ok(more.length === 0 || !isOneWholeJpeg(stream))
      }),
    )
  })
})
