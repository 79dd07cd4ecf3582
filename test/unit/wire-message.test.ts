import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ErrorCode } from '../../lib/wire/error'
import { decodeMessage, encodeEnd, encodeFrame, type FrameToEncode, PATTERN_NUMBER } from '../../lib/wire/message'

const jpegBody = Buffer.from('ffd8ffe0', 'hex')
const jpegHeader = {
  terminate_flag: false,
  compression: { dct: true, ups: false, colorspace: 'BGR' },
  message: null,
  pattern: '1',
  dtype: '',
  shape: '',
}
const rawHeader = { ...jpegHeader, compression: false, dtype: 'uint8', shape: [2, 4, 3] }

function parts(header: unknown, body?: Buffer): Buffer[] {
  const head = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  return body === undefined ? [head] : [head, body]
}

function decodeRaw(header: object, bytes: number) {
  const frame = decodeMessage(parts({ ...rawHeader, ...header }, Buffer.alloc(bytes)))
  assert.ok(frame.kind === 'frame' && frame.encoding === 'raw')
  return frame
}

function decodeJpeg(header: object) {
  const frame = decodeMessage(parts({ ...jpegHeader, ...header }, jpegBody))
  assert.ok(frame.kind === 'frame' && frame.encoding === 'jpeg')
  return frame
}

function without(header: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(header).filter(([name]) => name !== key))
}

describe('the end of a stream', () => {
  for (const flag of ['true', '1', '-0.5', '"false"', '[0]', '{"a": 0}', 'NaN', '123456789012345678901']) {
    test(`terminate_flag ${flag} ends, with or without a second part`, () => {
      const text = `{"terminate_flag": ${flag}, "port": 5}`
      assert.deepEqual(decodeMessage(parts(text)), { kind: 'end', port: 5 })
      assert.deepEqual(decodeMessage(parts(text, jpegBody)), { kind: 'end', port: 5 })
    })
  }

  for (const flag of ['false', 'null', '0', '0.0', '""', '[]', '{}']) {
    test(`terminate_flag ${flag} does not end`, () => {
      assert.throws(() => decodeMessage(parts(`{"terminate_flag": ${flag}}`)), { code: 'NETGEAR_PARTS' })
      const header = { ...jpegHeader, terminate_flag: JSON.parse(flag) as unknown }
      assert.equal(decodeMessage(parts(header, jpegBody)).kind, 'frame')
    })
  }

  test('it says whose stream it was', () => {
    const sender = { from: 'Küche', stream: '00c0ffee' }
    assert.deepEqual(decodeMessage(encodeEnd('5555', sender)), { kind: 'end', port: '5555', ...sender })
    assert.equal(String(encodeEnd()[0]), '{"terminate_flag": true}')
  })
})

describe('keys of our own', () => {
  const ours = { seq: 7, ts: 1_700_000_000_123.5, from: 'door', stream: '0123abCD', repeat: true }

  test('are read', () => {
    const { seq, timestamp, from, stream, repeat } = decodeJpeg(ours)
    assert.deepEqual({ seq, ts: timestamp, from, stream, repeat }, ours)
  })

  for (const [key, values] of Object.entries({
    seq: [-1, 1.5, '7', null, true, [], 2 ** 53],
    ts: [-1, '0', null, 8.64e15 + 2, {}],
    from: ['', 'x'.repeat(201), 'a\nb', 'a\u009bb', 7, null, ['door']],
    stream: ['0123abc', '0123abcde', '0123abcg', 12345678, null],
    repeat: ['true', 1, null, {}],
  })) {
    for (const value of values) {
      test(`"${key}": ${JSON.stringify(value).slice(0, 20)} is ignored`, () => {
        assert.deepEqual(decodeJpeg({ ...ours, [key]: value }), decodeJpeg(without(ours, key)))
      })
    }
  }

  test('are written behind those of NetGear', () => {
    const { seq, ts, from, stream } = ours
    const frame: FrameToEncode = { encoding: 'jpeg', body: jpegBody, pattern: PATTERN_NUMBER.pubsub, seq, from, stream }
    const [header] = encodeFrame({ ...frame, timestamp: ts, repeat: true })
    const tail = '"shape": "", "seq": 7, "ts": 1700000000123.5, "from": "door", "stream": "0123abCD", "repeat": true}'
    assert.ok(String(header).endsWith(tail), String(header))
    assert.ok(!String(encodeFrame({ ...frame, repeat: false })[0]).includes('repeat'))
  })
})

describe('what NetGear leaves open', () => {
  test('a port is a number or text, null is none', () => {
    assert.equal(decodeJpeg({ port: 5555 }).port, 5555)
    assert.equal(decodeJpeg({ port: '5555' }).port, '5555')
    assert.ok(!('port' in decodeJpeg({ port: null })))
  })

  test('a pattern that does not exist, and a null message, are absent', () => {
    const frame = decodeJpeg({ pattern: '3', message: null })
    assert.ok(!('pattern' in frame) && !('data' in frame))
  })

  test('false, 0 and empty texts travel as data', () => {
    for (const message of [false, 0, '', [], {}]) assert.deepEqual(decodeJpeg({ message }).data, message)
  })

  test('the colorspace may be in lower case, dct and ups may be missing', () => {
    const { colorspace, fastDct, fastUpsample } = decodeJpeg({ compression: { colorspace: 'rgbx' } })
    assert.deepEqual({ colorspace, fastDct, fastUpsample }, { colorspace: 'RGBX', fastDct: false, fastUpsample: false })
  })

  for (const compression of [false, null, 0, '', [], {}]) {
    test(`compression ${JSON.stringify(compression)} means raw pixels`, () => {
      assert.equal(decodeRaw({ compression }, 24).encoding, 'raw')
    })
  }
})

describe('raw pixels', () => {
  for (const [shape, bytes, expected] of [
    [[2, 4], 8, { shape: [2, 4], height: 2, width: 4, channels: 1, colorspace: 'GRAY' }],
    [[2, 4, 1], 8, { shape: [2, 4, 1], height: 2, width: 4, channels: 1, colorspace: 'GRAY' }],
    [[2, 4, 2], 16, { shape: [2, 4, 2], height: 2, width: 4, channels: 2, colorspace: undefined }],
    [[2, 4, 4], 32, { shape: [2, 4, 4], height: 2, width: 4, channels: 4, colorspace: 'BGRA' }],
    [[-1, 4, 3], 24, { shape: [2, 4, 3], height: 2, width: 4, channels: 3, colorspace: 'BGR' }],
    [[2, -1], 8, { shape: [2, 4], height: 2, width: 4, channels: 1, colorspace: 'GRAY' }],
    [[2, 4, -1], 24, { shape: [2, 4, 3], height: 2, width: 4, channels: 3, colorspace: 'BGR' }],
  ] as const) {
    test(`shape ${JSON.stringify(shape)} of ${bytes} bytes`, () => {
      const { height, width, channels, colorspace, shape: resolved } = decodeRaw({ shape }, bytes)
      assert.deepEqual({ shape: resolved, height, width, channels, colorspace }, expected)
    })
  }

  for (const [shape, dtype, bytes] of [
    [[2, 4, 3], 'uint8', 23],
    [[2, 4, 3], 'uint8', 25],
    [[2, 4], 'float64', 8],
    [[-1, 5, 3], 'uint8', 24],
    [[-1, 100], 'uint8', 24],
    [[-1, 1], 'float64', 1],
    [[-1, -1], 'uint8', 1],
    [[-2, 4], 'uint8', 8],
    [[0, 4, 3], 'uint8', 24],
    [[0, -1], 'uint8', 24],
    [[2.5, 4], 'uint8', 10],
    [[24], 'uint8', 24],
    [[1, 2, 4, 3], 'uint8', 24],
    [[], 'uint8', 1],
    [24, 'uint8', 24],
    ['', 'uint8', 24],
    [null, 'uint8', 24],
    [['2', 4, 3], 'uint8', 24],
    [[true, 24], 'uint8', 24],
    [[2 ** 32, 2 ** 32, 2 ** 32], 'uint8', 24],
    [[2 ** 53 - 1, 2 ** 53 - 1], 'uint8', 1],
    [[1e300, 1e300], 'uint8', 24],
  ] as const) {
    test(`shape ${JSON.stringify(shape)} of ${dtype} does not fit ${bytes} bytes`, () => {
      assert.throws(() => decodeRaw({ shape, dtype }, bytes), { code: 'NETGEAR_SHAPE_MISMATCH' })
    })
  }

  for (const dtype of ['', 'object', 'O', '<U4', 'void', '>u2', 'constructor', '__proto__', 8, null, ['uint8']]) {
    test(`dtype ${JSON.stringify(dtype)} is refused`, () => {
      assert.throws(() => decodeRaw({ dtype }, 24), { code: 'NETGEAR_DTYPE', message: /not / })
    })
  }

  test('limits hold to the pixel and to the byte', () => {
    const message = parts({ ...rawHeader, shape: [2, 4] }, Buffer.alloc(8))
    const limits = { headerBytes: message[0]?.length ?? 0, frameBytes: 8, pixels: 8 }
    assert.equal(decodeMessage(message, limits).kind, 'frame')
    assert.throws(() => decodeMessage(message, { ...limits, pixels: 7 }), { code: 'NETGEAR_FRAME_TOO_LARGE' })
    assert.throws(() => decodeMessage(message, { ...limits, frameBytes: 7 }), { code: 'NETGEAR_FRAME_TOO_LARGE' })
    const headerBytes = limits.headerBytes - 1
    assert.throws(() => decodeMessage(message, { ...limits, headerBytes }), { code: 'NETGEAR_HEADER_TOO_LARGE' })
  })
})

describe('refused messages', () => {
  const refused: [string, Buffer[], ErrorCode, RegExp][] = [
    ['no parts', [], 'NETGEAR_PARTS', /0 parts/],
    ['three parts', [...parts(jpegHeader, jpegBody), jpegBody], 'NETGEAR_PARTS', /3 parts/],
    ['an end of three parts', [...parts({ terminate_flag: true }, jpegBody), jpegBody], 'NETGEAR_PARTS', /3 parts/],
    ['one part that does not end', parts(jpegHeader), 'NETGEAR_PARTS', /"terminate_flag" is false/],
    ['an empty header', parts('', jpegBody), 'NETGEAR_HEADER_NOT_JSON', /""/],
    ['four bytes', [Buffer.from('ping'), jpegBody], 'NETGEAR_HEADER_NOT_JSON', /"ping"/],
    ['invalid UTF-8', [Buffer.from('{"a": "\xff"}', 'latin1'), jpegBody], 'NETGEAR_HEADER_NOT_JSON', /UTF-8/],
    ['deep nesting', parts(`{"message": ${'['.repeat(1e5)}`, jpegBody), 'NETGEAR_HEADER_NOT_JSON', /100 levels/],
    ['a list', parts([1], jpegBody), 'NETGEAR_HEADER_INVALID', /not an object: "\[1\]"/],
    ['a deep list', parts('['.repeat(100) + ']'.repeat(100), jpegBody), 'NETGEAR_HEADER_INVALID', /not an object/],
    ['null', parts('null'), 'NETGEAR_HEADER_INVALID', /not an object/],
    ['an unknown protocol', parts({ hello: 1 }, jpegBody), 'NETGEAR_HEADER_INVALID', /"terminate_flag".*"msg"/],
    ['only inherited keys', parts('{"__proto__": {"msg": "a"}}', jpegBody), 'NETGEAR_HEADER_INVALID', /neither/],
    ['no compression', parts(without(jpegHeader, 'compression'), jpegBody), 'NETGEAR_HEADER_INVALID', /"compression"/],
    ['compression true', parts({ ...jpegHeader, compression: true }, jpegBody), 'NETGEAR_HEADER_INVALID', /not true/],
    [
      'compression as list',
      parts({ ...jpegHeader, compression: [1] }, jpegBody),
      'NETGEAR_HEADER_INVALID',
      /not \[1\]/,
    ],
    [
      'an unknown colorspace',
      parts({ ...jpegHeader, compression: { colorspace: 'HSV' } }, jpegBody),
      'NETGEAR_HEADER_INVALID',
      /"colorspace".*CMYK, not "HSV"/,
    ],
    [
      'no colorspace',
      parts({ ...jpegHeader, compression: { dct: true } }, jpegBody),
      'NETGEAR_HEADER_INVALID',
      /nothing/,
    ],
    ['a port that is a list', parts({ ...jpegHeader, port: [1] }, jpegBody), 'NETGEAR_HEADER_INVALID', /"port".*\[1\]/],
    ['a port that is NaN', parts('{"terminate_flag": true, "port": NaN}'), 'NETGEAR_HEADER_INVALID', /not NaN/],
    ['a port with a line break', parts({ ...jpegHeader, port: '5\n6' }, jpegBody), 'NETGEAR_HEADER_INVALID', /"5\\n6"/],
    ['an empty JPEG', parts(jpegHeader, Buffer.alloc(0)), 'NETGEAR_FRAME_EMPTY', /no bytes/],
    ['empty pixels', parts(rawHeader, Buffer.alloc(0)), 'NETGEAR_FRAME_EMPTY', /no bytes/],
    ['half a JPEG marker', parts(jpegHeader, Buffer.from([0xff])), 'NETGEAR_NOT_JPEG', /bytes ff,/],
    ['a PNG', parts(jpegHeader, Buffer.from('\x89PNG', 'latin1')), 'NETGEAR_NOT_JPEG', /89504e47/],
    ['imagezmq: a PNG', parts({ msg: 'a' }, Buffer.from('\x89PNG', 'latin1')), 'NETGEAR_NOT_JPEG', /89504e47/],
    ['imagezmq: a shape only', parts({ msg: 'a', shape: [1, 4] }, jpegBody), 'NETGEAR_DTYPE', /not nothing/],
    ['imagezmq: a dtype only', parts({ msg: 'a', dtype: 'int8' }, jpegBody), 'NETGEAR_SHAPE_MISMATCH', /nothing/],
    ['imagezmq: one part', parts({ msg: 'a' }), 'NETGEAR_PARTS', /missing/],
  ]
  for (const [name, message, code, text] of refused) {
    test(name, () => assert.throws(() => decodeMessage(message), { name: 'NetgearError', code, message: text }))
  }

  test('an error shows at most 80 characters of what came, all of them printable', () => {
    const hostile = `\u001b[31m\r\n\u202e${'x'.repeat(100_000)}`
    for (const header of [hostile, { ...rawHeader, dtype: hostile }, { ...rawHeader, shape: [hostile] }]) {
      assert.throws(
        () => decodeMessage(parts(header, jpegBody)),
        (error: Error) => /^[ -~]{0,500}$/.test(error.message) && !/x{80}/.test(error.message),
      )
    }
  })
})

describe('frames that are not sent, since they would end a NetGear receiver', () => {
  const pattern = PATTERN_NUMBER.reqrep
  const refused: [string, FrameToEncode, ErrorCode][] = [
    ['an empty JPEG', { encoding: 'jpeg', body: Buffer.alloc(0), pattern }, 'NETGEAR_FRAME_EMPTY'],
    ['a PNG as JPEG', { encoding: 'jpeg', body: Buffer.from('\x89PNG', 'latin1'), pattern }, 'NETGEAR_NOT_JPEG'],
    [
      'too few pixels',
      { encoding: 'raw', body: jpegBody, dtype: 'uint8', shape: [2, 4], pattern },
      'NETGEAR_SHAPE_MISMATCH',
    ],
    ['bytes as data', { encoding: 'jpeg', body: jpegBody, pattern, data: { a: jpegBody } }, 'NETGEAR_DATA_NOT_JSON'],
  ]
  for (const [name, frame, code] of refused) test(name, () => assert.throws(() => encodeFrame(frame), { code }))
})

test('a JPEG is announced as NetGear does by default', () => {
  const [header] = encodeFrame({ encoding: 'jpeg', body: jpegBody, pattern: PATTERN_NUMBER.reqrep })
  assert.equal(String(header), JSON.stringify(jpegHeader).replace(/([,:])/g, '$1 '))
})

describe('frames for an imagezmq hub', () => {
  const frame: FrameToEncode = {
    encoding: 'jpeg',
    body: jpegBody,
    pattern: '1',
    dialect: 'imagezmq',
    from: 'door',
    seq: 1,
  }

  test('carry the data, else the name of the sender, else an empty text', () => {
    assert.equal(String(encodeFrame({ ...frame, data: { a: 1 } })[0]), '{"msg": {"a": 1}}')
    assert.equal(String(encodeFrame(frame)[0]), '{"msg": "door"}')
    assert.equal(String(encodeFrame({ ...frame, from: undefined })[0]), '{"msg": ""}')
  })
})
