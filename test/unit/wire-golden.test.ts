import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { decodeAnswer, encodeAnswer, encodePictureAnswer } from '../../lib/wire/answer'
import type { JsonValue } from '../../lib/wire/json'
import { decodeMessage, encodeEnd, encodeFrame } from '../../lib/wire/message'

interface Captured {
  name: string
  source: string
  kind: 'frame' | 'end' | 'answer'
  how: string
  parts: Buffer[]
}

const file = join(__dirname, '../fixtures/netgear/messages.json')
const fixture = JSON.parse(readFileSync(file, 'utf8')) as { cases: (Omit<Captured, 'parts'> & { parts: string[] })[] }
const captured: Captured[] = fixture.cases.map((found) => ({
  ...found,
  parts: found.parts.map((part) => Buffer.from(part, 'base64')),
}))

const jpeg = { kind: 'frame', encoding: 'jpeg', dialect: 'netgear', repeat: false, pattern: '1' }
const bgrJpeg = { ...jpeg, colorspace: 'BGR', fastDct: true, fastUpsample: false }
const raw = { kind: 'frame', encoding: 'raw', dialect: 'netgear', repeat: false, pattern: '1' }
const gray = { dtype: 'uint8', shape: [2, 4], height: 2, width: 4, channels: 1, colorspace: 'GRAY' }
const bgr = { dtype: 'uint8', shape: [2, 4, 3], height: 2, width: 4, channels: 3, colorspace: 'BGR' }
const imagezmq = { kind: 'frame', dialect: 'imagezmq', repeat: false }
const message = {
  name: 'café ☃ 😀 "q" \\ / \n\u007f',
  list: [1, -2.5, null, true, false, [], {}],
  empty: '',
}
const pythonMessage = {
  nan: Number.NaN,
  inf: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  big: 12345678901234567890123n,
  negative: -9007199254740993n,
  safe: 9007199254740991,
  float: 1e300,
}

const frames: Record<string, object> = {
  'jpeg-bgr': bgrJpeg,
  'jpeg-bgr-pair': { ...bgrJpeg, pattern: '0' },
  'jpeg-bgr-pubsub': { ...bgrJpeg, pattern: '2' },
  'jpeg-gray': { ...bgrJpeg, colorspace: 'GRAY' },
  'jpeg-rgba-fast-upsample': { ...jpeg, colorspace: 'RGBA', fastDct: false, fastUpsample: true },
  'raw-uint8-3d': { ...raw, ...bgr },
  'raw-uint8-2d': { ...raw, ...gray },
  'raw-float32': { ...raw, ...bgr, dtype: 'float32' },
  'raw-uint16': { ...raw, ...gray, dtype: 'uint16' },
  'raw-bool': { ...raw, ...gray, dtype: 'bool' },
  'message-plain': { ...raw, ...gray, data: message },
  'message-python-only': { ...raw, ...gray, data: pythonMessage },
  'multiserver-port-text': { ...raw, ...gray, port: '19413' },
  'multiserver-port-number': { ...bgrJpeg, port: 19414, data: [1, 'two'] },
  'imagezmq-jpg': {
    ...imagezmq,
    encoding: 'jpeg',
    colorspace: 'BGR',
    fastDct: false,
    fastUpsample: false,
    data: 'camera 1',
  },
  'imagezmq-raw': { ...imagezmq, encoding: 'raw', ...bgr, data: 'camera 1' },
  'imagezmq-raw-gray': { ...imagezmq, encoding: 'raw', ...gray, data: 'Küche' },
}

const ends: Record<string, { kind: 'end'; port?: string | number }> = {
  end: { kind: 'end' },
  'end-multiserver-port-text': { kind: 'end', port: '19413' },
  'end-multiserver-port-number': { kind: 'end', port: 19414 },
}

const dict = { a: [1, 2.5, null, true, 'é'], b: {} }
const texts = ['answer-plain', 'answer-end', 'answer-multiserver', 'answer-end-multiserver']
const answers: Record<string, { data: JsonValue; port?: string }> = {
  'answer-bidirectional-none': { data: null },
  'answer-bidirectional-dict': { data: dict },
  'answer-bidirectional-list': { data: [1, 'x'] },
  'answer-bidirectional-str': { data: 'text ☃' },
  'answer-bidirectional-int': { data: 7 },
  'answer-bidirectional-float': { data: 1.25 },
  'answer-bidirectional-bool': { data: true },
  'answer-multiclient-none': { data: null, port: '19419' },
  'answer-multiclient-dict': { data: dict, port: '19419' },
}
const jpegPicture = { encoding: 'jpeg', colorspace: 'BGR', fastDct: true, fastUpsample: false }
const pictures: Record<string, { frame: object; port?: number }> = {
  'answer-bidirectional-picture-jpeg': { frame: jpegPicture },
  'answer-bidirectional-picture-raw': { frame: { encoding: 'raw', ...bgr } },
  'answer-multiclient-number-picture-raw': { frame: { encoding: 'raw', ...gray }, port: 19420 },
}

function named(name: string): Captured {
  const found = captured.find((one) => one.name === name)
  assert.ok(found, `${name} is not in the fixture`)
  return found
}

describe('messages captured from NetGear and imagezmq', () => {
  test('every captured message is tried', () => {
    const tried = [frames, ends, answers, pictures].flatMap((cases) => Object.keys(cases))
    assert.deepEqual(captured.map(({ name }) => name).sort(), [...tried, ...texts].sort())
  })

  for (const [name, expected] of Object.entries(frames)) {
    test(`frame ${name} is read, its body not copied`, () => {
      const { parts } = named(name)
      const frame = decodeMessage(parts)
      assert.deepEqual(frame, { ...expected, body: parts[1] })
      assert.ok(frame.kind === 'frame' && frame.body === parts[1])
    })

    test(`frame ${name} is written byte for byte`, () => {
      const { parts } = named(name)
      const frame = decodeMessage(parts)
      assert.ok(frame.kind === 'frame')
      const [header, body] = encodeFrame({ ...frame, pattern: frame.pattern ?? '1' })
      // Ours never writes what only Python reads.
      const readable = String(parts[0]).replace(/NaN|-?Infinity/g, 'null')
      assert.equal(header.toString('latin1'), readable)
      assert.equal(body, parts[1])
    })
  }

  for (const [name, expected] of Object.entries(ends)) {
    test(`${name} is read and written`, () => {
      const { parts } = named(name)
      assert.deepEqual(decodeMessage(parts), expected)
      assert.deepEqual(encodeEnd(expected.port), parts)
    })
  }

  for (const name of texts) {
    test(`${name} means received`, () => assert.deepEqual(decodeAnswer(named(name).parts), { kind: 'received' }))
  }

  for (const [name, { data, port }] of Object.entries(answers)) {
    test(`${name} is read and written`, () => {
      const { parts } = named(name)
      assert.deepEqual(decodeAnswer(parts), { kind: 'data', data, ...(port !== undefined && { port }) })
      assert.equal(String(encodeAnswer({ port, returned: data })[0]), String(parts[0]))
    })
  }

  for (const [name, { frame, port }] of Object.entries(pictures)) {
    test(`${name} is read and written`, () => {
      const { parts } = named(name)
      const answer = decodeAnswer(parts)
      assert.deepEqual(answer, { kind: 'picture', frame: { ...frame, body: parts[1] }, ...(port && { port }) })
      assert.ok(answer.kind === 'picture' && answer.frame.body === parts[1])
      const [header, body] = encodePictureAnswer(answer)
      assert.equal(String(header), String(parts[0]))
      assert.equal(body, parts[1])
    })
  }
})
