import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { decodeAnswer, encodeAnswer, encodePictureAnswer } from '../../lib/wire/answer'
import { COLORSPACES, channelsOf, parseColorspace } from '../../lib/wire/colorspace'
import { bytesPerElement, DTYPES } from '../../lib/wire/dtype'
import { NetgearError } from '../../lib/wire/error'
import { isSenderName } from '../../lib/wire/header'
import type { JsonValue } from '../../lib/wire/json'
import { decodeMessage, encodeEnd, encodeFrame, type FrameToEncode } from '../../lib/wire/message'
import type { PictureToEncode } from '../../lib/wire/picture'

const bytes = fc.uint8Array({ maxLength: 40 }).map((found) => Buffer.from(found))
const jpegBody = bytes.map((tail) => Buffer.concat([Buffer.from([0xff, 0xd8]), tail]))
/** Without -0, which JSON writes as 0. */
const json = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text.replace(/-0(?![.\d])/g, '0')) as JsonValue)
const port = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.string({ minLength: 1 }).filter(isSenderName))

const rawPicture: fc.Arbitrary<PictureToEncode> = fc
  .record({
    dtype: fc.constantFrom(...DTYPES),
    shape: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 3 }),
  })
  .map(({ dtype, shape }) => {
    const size = shape.reduce((product, side) => product * side, bytesPerElement(dtype) ?? 0)
    return { encoding: 'raw', dtype, shape, body: Buffer.alloc(size) }
  })

const jpegPicture: fc.Arbitrary<PictureToEncode> = fc.record({
  encoding: fc.constant('jpeg' as const),
  body: jpegBody,
  colorspace: fc.constantFrom(...COLORSPACES),
  fastDct: fc.boolean(),
  fastUpsample: fc.boolean(),
})

const picture = fc.oneof(rawPicture, jpegPicture)

const envelope = fc.record(
  {
    pattern: fc.constantFrom('0' as const, '1' as const, '2' as const),
    data: json.filter((value) => value !== null),
    port,
    seq: fc.nat(Number.MAX_SAFE_INTEGER),
    timestamp: fc.double({ min: 1, max: 8.64e15, noNaN: true }),
    from: fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }).filter(isSenderName),
    stream: fc.nat(0xffffffff).map((number) => number.toString(16).padStart(8, '0')),
    repeat: fc.boolean(),
  },
  { requiredKeys: ['pattern', 'repeat'] },
)

function onlyNetgearErrors(decode: () => unknown): void {
  try {
    decode()
  } catch (error) {
    assert.ok(error instanceof NetgearError, String(error))
    assert.match(error.message, /^[ -~]{1,700}$/)
  }
}

describe('what one end writes, the other reads', () => {
  test('frames', () => {
    fc.assert(
      fc.property(picture, envelope, (sent, around) => {
        const frame = { ...sent, ...around } as FrameToEncode
        const received = decodeMessage(encodeFrame(frame))
        assert.ok(received.kind === 'frame')
        const told: Record<string, unknown> = { ...received }
        for (const [key, value] of Object.entries(frame)) assert.deepEqual(told[key], value, key)
        for (const key of ['data', 'port', 'seq', 'timestamp', 'from', 'stream'])
          assert.equal(key in told, key in frame)
        assert.equal(received.body, frame.body)
      }),
      { numRuns: 400 },
    )
  })

  test('imagezmq frames', () => {
    fc.assert(
      fc.property(picture, json, (sent, data) => {
        const received = decodeMessage(encodeFrame({ ...sent, pattern: '1', dialect: 'imagezmq', data }))
        assert.ok(received.kind === 'frame' && received.dialect === 'imagezmq')
        assert.deepEqual(received.data, data ?? '')
        assert.equal(received.encoding, sent.encoding)
      }),
      { numRuns: 100 },
    )
  })

  test('ends', () => {
    fc.assert(
      fc.property(fc.option(port, { nil: undefined }), (told) => {
        assert.deepEqual(decodeMessage(encodeEnd(told)), { kind: 'end', ...(told !== undefined && { port: told }) })
      }),
      { numRuns: 50 },
    )
  })

  test('answers', () => {
    fc.assert(
      fc.property(port, json, picture, (told, returned, frame) => {
        assert.deepEqual(decodeAnswer(encodeAnswer({ port: told, returned })), {
          kind: 'data',
          data: returned,
          port: told,
        })
        const answer = decodeAnswer(encodePictureAnswer({ port: told, frame }))
        assert.ok(answer.kind === 'picture' && answer.port === told)
        assert.deepEqual({ ...answer.frame, ...frame }, answer.frame)
      }),
      { numRuns: 200 },
    )
  })
})

describe('hostile input', () => {
  test('arbitrary bytes end in nothing but a NetgearError', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), (parts) => {
        onlyNetgearErrors(() => decodeMessage(parts))
        onlyNetgearErrors(() => decodeAnswer(parts))
      }),
      { numRuns: 500 },
    )
  })

  const keys = ['terminate_flag', 'compression', 'message', 'pattern', 'dtype', 'shape', 'port', 'msg', 'return_type']
  const moreKeys = ['array_dtype', 'array_shape', 'data', 'seq', 'ts', 'from', 'stream', 'repeat', '__proto__']
  const value = fc.oneof(
    json,
    fc.constantFrom<JsonValue>(false, true, 'ndarray', 'uint8', '', [2, 2], [-1, 2, 1], { colorspace: 'bgr' }),
  )
  const header = fc.dictionary(fc.constantFrom(...keys, ...moreKeys), value)

  test('headers with arbitrary values do so too', () => {
    fc.assert(
      fc.property(header, fc.oneof(bytes, jpegBody), (fields, body) => {
        const head = Buffer.from(JSON.stringify(fields))
        for (const parts of [[head], [head, body]]) {
          onlyNetgearErrors(() => decodeMessage(parts))
          onlyNetgearErrors(() => decodeAnswer(parts))
        }
      }),
      { numRuns: 1500 },
    )
  })

  test('a good message with a few bytes changed does so too', () => {
    const change = fc.record({
      at: fc.nat(400),
      to: fc.constantFrom(...Buffer.from('{}[]",:0-9eN\\\x00\xff', 'latin1')),
    })
    fc.assert(
      fc.property(picture, envelope, fc.array(change, { minLength: 1, maxLength: 4 }), (sent, around, changes) => {
        const [head, body] = encodeFrame({ ...sent, ...around } as FrameToEncode)
        for (const { at, to } of changes) head[at % head.length] = to
        onlyNetgearErrors(() => decodeMessage([head, body]))
        onlyNetgearErrors(() => decodeAnswer([head, body]))
      }),
      { numRuns: 500 },
    )
  })

  test('a shape is accepted only if it is exactly the body, however large its sizes are', () => {
    const side = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(-1, 1, 1, 1, 2, 2, 3, 4) },
      fc.integer({ min: -1, max: 8 }),
      fc.constantFrom(2 ** 16, 2 ** 26, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 1, 2 ** 53, 2 ** 64, 1e308),
    )
    const accepted: number[][] = []
    fc.assert(
      fc.property(
        fc.array(side, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...DTYPES),
        fc.constantFrom(1, 2, 6, 8, 16, 24, 64, 128),
        (shape, dtype, length) => {
          const head = Buffer.from(JSON.stringify({ terminate_flag: false, compression: false, dtype, shape }))
          try {
            const frame = decodeMessage([head, Buffer.alloc(length)])
            assert.ok(frame.kind === 'frame' && frame.encoding === 'raw')
            const product = frame.shape.reduce(
              (size, found) => size * BigInt(found),
              BigInt(bytesPerElement(dtype) ?? 0),
            )
            assert.equal(product, BigInt(length))
            assert.ok(frame.shape.every((found, i) => found > 0 && (shape[i] === -1 || shape[i] === found)))
            assert.equal(frame.height * frame.width * frame.channels * (bytesPerElement(dtype) ?? 0), length)
            accepted.push(frame.shape)
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'NETGEAR_SHAPE_MISMATCH')
          }
        },
      ),
      { numRuns: 3000 },
    )
    assert.ok(accepted.length > 10, 'too few shapes were accepted for this test to mean anything')
  })
})

describe('names', () => {
  test('the twelve colorspaces are known in any case, with their channels', () => {
    const channels = Object.fromEntries(COLORSPACES.map((colorspace) => [colorspace, channelsOf(colorspace)]))
    const four = { RGBX: 4, BGRX: 4, XBGR: 4, XRGB: 4, RGBA: 4, BGRA: 4, ABGR: 4, ARGB: 4, CMYK: 4 }
    assert.deepEqual(channels, { RGB: 3, BGR: 3, GRAY: 1, ...four })
    assert.equal(parseColorspace('gRaY'), 'GRAY')
    for (const unknown of ['', 'HSV', 'constructor', ' BGR', 'BGR\n']) assert.equal(parseColorspace(unknown), undefined)
  })

  test('the size of an element is the number of bits in its name', () => {
    for (const dtype of DTYPES) {
      const bits = dtype === 'bool' ? 8 : Number(/\d+$/.exec(dtype)?.[0])
      assert.equal(bytesPerElement(dtype), bits / 8, dtype)
    }
    for (const unknown of ['', 'object', 'toString', '__proto__', 'uint24'])
      assert.equal(bytesPerElement(unknown), undefined)
  })
})
