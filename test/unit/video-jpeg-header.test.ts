import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import { NetgearError } from '../../lib/wire/error'
import { claimingSize, image, patches, startOfFrame, withThumbnail } from '../fixtures/video/pictures'

const CODES = ['NETGEAR_NOT_JPEG', 'NETGEAR_JPEG_TRUNCATED', 'NETGEAR_JPEG_BROKEN', 'NETGEAR_JPEG_UNSUPPORTED']

function refusal(jpeg: Buffer): string | undefined {
  try {
    readJpegHeader(jpeg)
    return undefined
  } catch (error) {
    assert.ok(error instanceof NetgearError, String(error))
    assert.ok(CODES.includes(error.code), error.code)
    return error.code
  }
}

describe('readJpegHeader', () => {
  let baseline: Buffer
  let progressive: Buffer
  let gray: Buffer
  let cmyk: Buffer

  before(async () => {
    baseline = await image(patches(21, 13, 'RGB'))
      .jpeg()
      .toBuffer()
    progressive = await image(patches(641, 479, 'RGB'))
      .jpeg({ progressive: true })
      .toBuffer()
    gray = await image(patches(3, 5, 'GRAY'))
      .toColourspace('b-w')
      .jpeg()
      .toBuffer()
    cmyk = await image(patches(16, 16, 'RGB'))
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer()
  })

  test('reads size, channels and kind', () => {
    const precision = 8
    assert.deepEqual(readJpegHeader(baseline), { width: 21, height: 13, channels: 3, precision, progressive: false })
    assert.deepEqual(readJpegHeader(progressive), {
      width: 641,
      height: 479,
      channels: 3,
      precision,
      progressive: true,
    })
    assert.deepEqual(readJpegHeader(gray), { width: 3, height: 5, channels: 1, precision, progressive: false })
    assert.deepEqual(readJpegHeader(cmyk), { width: 16, height: 16, channels: 4, precision, progressive: false })
  })

  test('does not take the size of a thumbnail', () => {
    const { width, height } = readJpegHeader(withThumbnail(baseline, gray))
    assert.deepEqual([width, height], [21, 13])
  })

  test('tolerates fill bytes and stray bytes before a marker, as libjpeg does', () => {
    const at = startOfFrame(baseline)
    for (const stray of [
      [0xff, 0xff],
      [0, 7],
      [0xff, 0, 0xff],
    ]) {
      const padded = Buffer.concat([baseline.subarray(0, at), Buffer.from(stray), baseline.subarray(at)])
      assert.equal(readJpegHeader(padded).width, 21)
    }
  })

  test('skips tables, restart markers and comments before the frame header', () => {
    const at = startOfFrame(baseline)
    for (const segment of ['ffc40004d9d9', 'ffcc0004ffc0', 'ffd3', 'ff01', 'fffe0006ffc00011']) {
      const longer = Buffer.concat([baseline.subarray(0, at), Buffer.from(segment, 'hex'), baseline.subarray(at)])
      assert.equal(readJpegHeader(longer).width, 21)
    }
  })

  test('says what is not a JPEG', () => {
    for (const bytes of [[], [0xff], [0x89, 0x50, 0x4e, 0x47], [0xd8, 0xff]]) {
      assert.equal(refusal(Buffer.from(bytes)), 'NETGEAR_NOT_JPEG')
    }
  })

  test('refuses what the decoders cannot read', () => {
    const changed = (offset: number, value: number) => {
      const copy = Buffer.from(baseline)
      copy[startOfFrame(baseline) + offset] = value
      return refusal(copy)
    }
    for (const marker of [0xc3, 0xc5, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcf]) {
      assert.equal(changed(1, marker), 'NETGEAR_JPEG_UNSUPPORTED')
    }
    assert.equal(changed(4, 12), 'NETGEAR_JPEG_UNSUPPORTED')
    assert.equal(changed(9, 2), 'NETGEAR_JPEG_UNSUPPORTED')
    assert.equal(changed(9, 4), 'NETGEAR_JPEG_BROKEN')
    assert.equal(refusal(claimingSize(baseline, 0, 5)), 'NETGEAR_JPEG_BROKEN')
    assert.equal(refusal(claimingSize(baseline, 5, 0)), 'NETGEAR_JPEG_UNSUPPORTED')
  })

  test('refuses a JPEG without a frame header, and segments of impossible length', () => {
    assert.equal(refusal(Buffer.from('ffd8ffd9', 'hex')), 'NETGEAR_JPEG_BROKEN')
    assert.equal(refusal(Buffer.from('ffd8ffda0002', 'hex')), 'NETGEAR_JPEG_BROKEN')
    assert.equal(refusal(Buffer.from('ffd8ffd8ff', 'hex')), 'NETGEAR_JPEG_BROKEN')
    assert.equal(refusal(Buffer.from('ffd8ffe00001ffc0', 'hex')), 'NETGEAR_JPEG_BROKEN')
  })

  test('cut anywhere, it is truncated until the frame header is whole, then readable', () => {
    const headerEnd = startOfFrame(baseline) + 2 + 17
    for (let length = 2; length <= baseline.length; length++) {
      const expected = length < headerEnd ? 'NETGEAR_JPEG_TRUNCATED' : undefined
      assert.equal(refusal(baseline.subarray(0, length)), expected, `at length ${length}`)
    }
  })

  test('never reads beyond the Buffer, whatever the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 80 }).map((tail) => Buffer.from([0xff, 0xd8, 0xff, ...tail]))
    const marker = fc.constantFrom(0xc0, 0xc2, 0xc4, 0xd0, 0xd9, 0xda, 0xe0, 0xff)
    const markers = fc
      .array(fc.oneof(marker, fc.constant(0xff), fc.nat({ max: 20 })), { maxLength: 60 })
      .map((tail) => Buffer.from([0xff, 0xd8, ...tail]))
    fc.assert(
      fc.property(fc.oneof(bytes, markers), (jpeg) => {
        // Memory behind the Buffer that would complete the header, were it read.
        const roomy = Buffer.concat([jpeg, Buffer.from('ffc0001108000500050301110002110103110100', 'hex')])
        assert.equal(refusal(roomy.subarray(0, jpeg.length)), refusal(Buffer.from(jpeg)))
      }),
      { numRuns: 300 },
    )
  })
})
