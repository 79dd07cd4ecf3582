import assert from 'node:assert/strict'
import Module from 'node:module'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import fc from 'fast-check'
import { decodeJpeg, encodeJpeg, jpegCodec, useJpegCodec } from '../../lib/video/codec'
import type { JpegCodec } from '../../lib/video/jpeg-codec'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import { CHANNELS } from '../../lib/video/picture'
import { sharpCodec } from '../../lib/video/sharp-codec'
import { loadTurbo } from '../../lib/video/turbo'
import { NetgearError } from '../../lib/wire/error'
import { cmykJpeg } from '../fixtures/video/cmyk'
import { assertPatches, claimingSize, image, patches, speckles, startOfFrame } from '../fixtures/video/pictures'
import { isError } from '../fixtures/video/refusal'

const ORDERS = ['RGB', 'BGR', 'RGBA', 'BGRA', 'GRAY'] as const
const SIZES = [
  [1, 1],
  [3, 5],
  [16, 16],
  [641, 479],
] as const

const turbo = loadTurbo()
const codecs: JpegCodec[] = turbo ? [turbo, sharpCodec] : [sharpCodec]

afterEach(() => useJpegCodec())

describe('choice of codec', () => {
  test('jpeg-turbo where it loads', () => {
    assert.equal(jpegCodec().name, 'jpeg-turbo')
  })

  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown }
  const original = loader._load

  test('sharp where jpeg-turbo does not load', async () => {
    const load = mock.method(loader, '_load', (request: string, ...rest: unknown[]) => {
      if (request.startsWith('@julusian/')) throw new Error('no prebuilt binary')
      return original.call(loader, request, ...rest)
    })
    useJpegCodec()
    assert.equal(jpegCodec().name, 'sharp')
    load.mock.restore()
    assertPatches(await decodeJpeg(await encodeJpeg(patches(64, 16, 'BGR'), 90), 'BGR'), 12)
  })

  test('a jpeg-turbo whose binary would end the process is not even tried', () => {
    const tried: string[] = []
    const load = mock.method(loader, '_load', (request: string, ...rest: unknown[]) => {
      if (request === '@julusian/jpeg-turbo/package.json') return { version: '3.0.1' }
      if (request === '@julusian/jpeg-turbo') {
        tried.push(request)
        throw new Error('tried')
      }
      return original.call(loader, request, ...rest)
    })
    assert.equal(loadTurbo(), undefined)
    load.mock.restore()
    assert.equal(tried.length, Number(process.versions.napi) >= 10 ? 1 : 0)
  })
})

for (const codec of codecs) {
  describe(`JPEG with ${codec.name}`, () => {
    beforeEach(() => useJpegCodec(codec))

    test('is the one in use', () => assert.equal(jpegCodec(), codec))

    test('keeps colours from any order to any order', async () => {
      for (const from of ORDERS) {
        const jpeg = await encodeJpeg(patches(128, 32, from), 95)
        for (const to of ORDERS) {
          const decoded = await decodeJpeg(jpeg, to)
          assert.equal(decoded.order, to)
          assert.equal(decoded.data.length, 128 * 32 * CHANNELS[to])
          if (from !== 'GRAY') assertPatches(decoded, 6)
          else if (to === 'GRAY') assertPatches(decoded, 2)
        }
      }
    })

    test('keeps size at odd sizes', async () => {
      for (const [width, height] of SIZES) {
        for (const order of ORDERS) {
          const jpeg = await encodeJpeg(patches(width, height, order), 90)
          const header = readJpegHeader(jpeg)
          assert.deepEqual([header.width, header.height], [width, height])
          assert.equal(header.channels, order === 'GRAY' ? 1 : 3)
          const { data, ...decoded } = await decodeJpeg(jpeg, order)
          assert.deepEqual(decoded, { kind: 'raw', width, height, channels: CHANNELS[order], order })
          assert.equal(data.length, width * height * CHANNELS[order])
        }
      }
    })

    test('the alpha of decoded pixels is opaque, alpha in pixels is left out', async () => {
      const half = patches(128, 32, 'RGBA')
      for (let at = 3; at < half.data.length; at += 4) half.data[at] = 128
      const decoded = await decodeJpeg(await encodeJpeg(half, 95), 'RGBA')
      assertPatches(decoded, 6)
      assert.ok(decoded.data.every((value, at) => at % 4 !== 3 || value === 255))
    })

    test('the result holds on to no larger memory', async () => {
      for (const size of [1, 40, 300]) {
        const jpeg = await encodeJpeg(speckles(size, size, 'BGR'), 90)
        assert.equal(jpeg.buffer.byteLength, jpeg.length)
      }
    })

    test('halves the colours across and down, as most cameras do', async () => {
      const jpeg = await encodeJpeg(patches(32, 32, 'BGR'), 90)
      assert.equal(jpeg[startOfFrame(jpeg) + 11], 0x22)
    })

    test('quality decides the size', async () => {
      const picture = speckles(200, 100, 'RGB')
      const sizes: number[] = []
      for (const quality of [1, 50, 100]) sizes.push((await encodeJpeg(picture, quality)).length)
      assert.deepEqual(
        sizes,
        [...sizes].sort((a, b) => a - b),
      )
      assert.ok((sizes[0] ?? 0) * 3 < (sizes[2] ?? 0))
    })

    test('grey, progressive and CMYK JPEGs are read', async () => {
      const gray = await image(patches(64, 16, 'GRAY'))
        .toColourspace('b-w')
        .jpeg({ quality: 95 })
        .toBuffer()
      assertPatches(await decodeJpeg(gray, 'GRAY'), 2)
      const colour = await decodeJpeg(gray, 'BGR')
      assert.deepEqual(colour.data.subarray(0, 1), colour.data.subarray(2, 3))
      const progressive = await image(patches(64, 16, 'RGB'))
        .jpeg({ quality: 95, progressive: true })
        .toBuffer()
      assertPatches(await decodeJpeg(progressive, 'BGR'), 12)
    })

    test('inks of a CMYK JPEG become their plain colours', async () => {
      const inks = [255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 128]
      const expected = [
        [0, 255, 255],
        [255, 0, 255],
        [255, 255, 0],
        [127, 127, 127],
      ]
      for (const [index, colour] of expected.entries()) {
        const jpeg = await cmykJpeg(inks.slice(index * 4, index * 4 + 4))
        assert.equal(readJpegHeader(jpeg).channels, 4)
        const { data } = await decodeJpeg(jpeg, 'BGR')
        const off = [...data.subarray(0, 3)].map((value, channel) => Math.abs(value - (colour[2 - channel] ?? 0)))
        assert.ok(Math.max(...off) <= 4, `${[...data.subarray(0, 3)]} is not ${colour} backwards`)
      }
    })

    test('a large CMYK picture has its colours to the last pixel', async () => {
      const jpeg = await cmykJpeg([0, 255, 255, 0], 1200)
      const { data } = await decodeJpeg(jpeg, 'RGB')
      for (const at of [0, 3 * 2 ** 20 - 3, 3 * 2 ** 20, data.length - 3])
        for (const [channel, value] of [255, 0, 0].entries())
          assert.ok(Math.abs((data[at + channel] ?? -1000) - value) <= 4, `${[...data.subarray(at, at + 3)]} at ${at}`)
    })

    test('a JPEG cut anywhere is refused, never decoded in part', async () => {
      const jpeg = await encodeJpeg(patches(8, 8, 'RGB'), 50)
      for (let length = 0; length < jpeg.length; length++) {
        const expected = length < 2 ? 'NETGEAR_NOT_JPEG' : 'NETGEAR_JPEG_TRUNCATED'
        await assert.rejects(decodeJpeg(jpeg.subarray(0, length), 'BGR'), isError(expected), `at length ${length}`)
      }
    })

    test('damaged JPEGs give a picture or an error of ours, and end nothing', async () => {
      const jpeg = await encodeJpeg(speckles(24, 24, 'RGB'), 60)
      const damage = fc.array(fc.tuple(fc.nat({ max: jpeg.length - 3 }), fc.nat({ max: 255 })), {
        minLength: 1,
        maxLength: 6,
      })
      await fc.assert(
        fc.asyncProperty(damage, fc.constantFrom(...ORDERS), async (changes, order) => {
          const damaged = Buffer.from(jpeg)
          for (const [at, value] of changes) damaged[at] = value
          try {
            const { data, width, height, channels } = await decodeJpeg(damaged, order, { pixels: 100_000 })
            assert.equal(data.length, width * height * channels)
          } catch (error) {
            assert.ok(error instanceof NetgearError, String(error))
          }
        }),
        { numRuns: 150 },
      )
    })

    test('stray bytes before the end, as webcams send them, do not refuse a picture', async () => {
      const jpeg = await encodeJpeg(patches(64, 16, 'RGB'), 95)
      const stray = Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(5, 0x55), jpeg.subarray(-2)])
      assertPatches(await decodeJpeg(stray, 'BGR'), 12)
    })
  })
}

describe('checks before any codec', () => {
  const calls: string[] = []
  const recording: JpegCodec = {
    name: 'jpeg-turbo',
    encode: async () => {
      calls.push('encode')
      return Buffer.alloc(0)
    },
    decode: async () => {
      calls.push('decode')
      throw new Error('not now')
    },
  }

  beforeEach(() => {
    useJpegCodec(recording)
    calls.length = 0
  })

  test('a small JPEG that claims to be huge is refused by its header', async () => {
    const small = await image(patches(16, 16, 'RGB'))
      .jpeg()
      .toBuffer()
    const bomb = claimingSize(small, 65_500, 21_858)
    await assert.rejects(decodeJpeg(bomb, 'BGR'), isError('NETGEAR_PICTURE_TOO_LARGE'))
    // Even an unlimited caller: the sizes would overflow inside the decoder.
    await assert.rejects(
      decodeJpeg(bomb, 'BGR', { pixels: Number.POSITIVE_INFINITY }),
      isError('NETGEAR_PICTURE_TOO_LARGE'),
    )
    await assert.rejects(decodeJpeg(small, 'BGR', { pixels: 255 }), isError('NETGEAR_PICTURE_TOO_LARGE'))
    assert.deepEqual(calls, [])
    await decodeJpeg(small, 'BGR', { pixels: 256 })
    assert.deepEqual(calls, ['decode'])
  })

  test('a JPEG of very many scans is refused', async () => {
    const jpeg = await image(patches(16, 16, 'RGB'))
      .jpeg({ progressive: true })
      .toBuffer()
    const scans = Buffer.alloc(64 * 10, Buffer.from('ffda0008010100013f10', 'hex'))
    const slow = Buffer.concat([jpeg.subarray(0, -2), scans, jpeg.subarray(-2)])
    await assert.rejects(decodeJpeg(slow, 'BGR'), isError('NETGEAR_JPEG_UNSUPPORTED'))
    // as large as may be, it may have fewer: each is a pass over all of it
    const large = Buffer.concat([jpeg.subarray(0, -2), scans.subarray(0, 10 * 10), jpeg.subarray(-2)])
    await assert.rejects(decodeJpeg(large, 'BGR', { pixels: 256 }), isError('NETGEAR_JPEG_UNSUPPORTED'))
    assert.deepEqual(calls, [])
  })

  test('pixels that are not what they say are not encoded', async () => {
    const picture = patches(8, 8, 'BGR')
    for (const [change, code] of [
      [{ width: 9 }, 'NETGEAR_PIXELS_MISMATCH'],
      [{ channels: 4 as const }, 'NETGEAR_PIXELS_MISMATCH'],
      [{ width: -8, height: -8 }, 'NETGEAR_PIXELS_MISMATCH'],
      [{ width: 1.5, height: 128 / 3 }, 'NETGEAR_PIXELS_MISMATCH'],
      [{ width: 65_501, height: 1, data: Buffer.alloc(65_501 * 3) }, 'NETGEAR_PICTURE_TOO_LARGE'],
    ] as const) {
      await assert.rejects(encodeJpeg({ ...picture, ...change }, 90), isError(code))
    }
    for (const quality of [0, 101, 50.5, Number.NaN]) {
      await assert.rejects(encodeJpeg(picture, quality), isError('NETGEAR_QUALITY'))
    }
    assert.deepEqual(calls, [])
  })

  test('what the first codec cannot read, sharp is asked for', async () => {
    const jpeg = await image(patches(64, 16, 'RGB'))
      .jpeg({ quality: 95 })
      .toBuffer()
    assertPatches(await decodeJpeg(jpeg, 'BGR'), 12)
    assert.deepEqual(calls, ['decode'])
  })
})
