import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeAnswer, encodeAnswer, encodePictureAnswer } from '../../lib/wire/answer'
import type { ErrorCode } from '../../lib/wire/error'
import type { JsonValue } from '../../lib/wire/json'
import { DEFAULT_LIMITS } from '../../lib/wire/message'

const jpegBody = Buffer.from('ffd8ffe0', 'hex')

function answer(header: unknown, ...more: Buffer[]): Buffer[] {
  return [Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)), ...more]
}

describe('writing answers', () => {
  for (const [returned, type, data] of [
    [undefined, 'NoneType', 'null'],
    [null, 'NoneType', 'null'],
    [Number.NaN, 'NoneType', 'null'],
    [true, 'bool', 'true'],
    [false, 'bool', 'false'],
    [-7, 'int', '-7'],
    [12345678901234567890n, 'int', '12345678901234567890'],
    [0.5, 'float', '0.5'],
    [1e-7, 'float', '1e-7'],
    [1e20, 'float', '1e+20'],
    ['e.1', 'str', '"e.1"'],
    [[], 'list', '[]'],
    [{ a: 'é' }, 'dict', '{"a": "\\u00e9"}'],
  ] as [JsonValue | undefined, string, string][]) {
    test(`${data} is a Python ${type}`, () => {
      const [part] = encodeAnswer({ port: 5555, returned })
      assert.equal(String(part), `{"port": 5555, "return_type": "${type}", "data": ${data}}`)
    })
  }

  test('pictures are checked, since a sender does not survive one that it cannot read', () => {
    assert.throws(() => encodePictureAnswer({ port: 1, frame: { encoding: 'jpeg', body: Buffer.from('GIF8') } }), {
      code: 'NETGEAR_NOT_JPEG',
    })
    assert.throws(
      () => encodePictureAnswer({ port: 1, frame: { encoding: 'raw', body: jpegBody, dtype: 'uint8', shape: [1, 5] } }),
      { code: 'NETGEAR_SHAPE_MISMATCH' },
    )
  })
})

describe('reading answers', () => {
  for (const text of ['', 'OK', 'Data received on device: ABCD1234 !', '[1]', '\xff\xfe', '"{"']) {
    test(`${JSON.stringify(text)} means received`, () => {
      assert.deepEqual(decodeAnswer([Buffer.from(text, 'latin1')]), { kind: 'received' })
    })
  }

  test('a value comes with the port of the receiver, if it has one', () => {
    assert.deepEqual(decodeAnswer(encodeAnswer({ port: '5555', returned: { a: [1n] } })), {
      kind: 'data',
      data: { a: [1] },
      port: '5555',
    })
    assert.deepEqual(decodeAnswer(answer('{"return_type": "float", "data": NaN}')), { kind: 'data', data: Number.NaN })
  })

  test('a type of which we know nothing is read all the same', () => {
    assert.deepEqual(decodeAnswer(answer({ return_type: 'tuple', data: [1] })), { kind: 'data', data: [1] })
  })

  const ndarray = { return_type: 'ndarray', compression: false, array_dtype: 'uint8', array_shape: [1, 4], data: null }
  const refused: [string, Buffer[], ErrorCode, RegExp][] = [
    ['no part', [], 'NETGEAR_PARTS', /0 parts/],
    ['three parts', answer(ndarray, jpegBody, jpegBody), 'NETGEAR_PARTS', /3 parts/],
    ['a value in two parts', answer({ return_type: 'int', data: 1 }, jpegBody), 'NETGEAR_PARTS', /two parts/],
    ['a picture in one part', answer(ndarray), 'NETGEAR_PARTS', /second part is missing/],
    ['text in two parts', answer('OK', jpegBody), 'NETGEAR_HEADER_NOT_JSON', /"OK"/],
    ['broken JSON', answer('{"return_type": "int", '), 'NETGEAR_HEADER_NOT_JSON', /character 23/],
    ['no type', answer({ data: 1 }), 'NETGEAR_ANSWER_INVALID', /"return_type".*nothing/],
    ['a type that is no text', answer({ return_type: 1, data: 1 }), 'NETGEAR_ANSWER_INVALID', /not 1/],
    ['no data', answer({ return_type: 'int' }), 'NETGEAR_ANSWER_INVALID', /no "data"/],
    ['a port that is an object', answer({ port: {}, return_type: 'int', data: 1 }), 'NETGEAR_HEADER_INVALID', /"port"/],
    ['a wrong shape', answer({ ...ndarray, array_shape: [1, 5] }, jpegBody), 'NETGEAR_SHAPE_MISMATCH', /\[1, 5\]/],
    ['a wrong dtype', answer({ ...ndarray, array_dtype: 'object' }, jpegBody), 'NETGEAR_DTYPE', /"object"/],
    ['an empty picture', answer(ndarray, Buffer.alloc(0)), 'NETGEAR_FRAME_EMPTY', /no bytes/],
  ]
  for (const [name, parts, code, message] of refused) {
    test(`${name} is refused`, () => assert.throws(() => decodeAnswer(parts), { name: 'NetgearError', code, message }))
  }

  test('limits hold', () => {
    const parts = encodePictureAnswer({ port: 1, frame: { encoding: 'jpeg', body: jpegBody } })
    const limits = { ...DEFAULT_LIMITS, frameBytes: 3 }
    assert.throws(() => decodeAnswer(parts, limits), { code: 'NETGEAR_FRAME_TOO_LARGE' })
    assert.throws(() => decodeAnswer(parts, { ...limits, headerBytes: 9 }), { code: 'NETGEAR_HEADER_TOO_LARGE' })
  })
})
