import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { needs } from '../requirements'
import { type Flow, frameOf, type Pattern, receiveFromPython } from './flow'
import { formulaPixels } from './formula'
import { formulaJpeg, showsFormula } from './pictures'
import type { PythonPeer } from './python'

const HEIGHT = 24
const WIDTH = 32
const PIXELS = formulaPixels(1, HEIGHT, WIDTH, 3)
const RAW = { terminate_flag: false, compression: false, message: null, dtype: 'uint8', shape: [HEIGHT, WIDTH, 3] }
const JPEG = { ...RAW, compression: { dct: true, ups: false, colorspace: 'BGR' }, dtype: '', shape: '' }

type Part = string | object | Buffer
type Row = [what: string, parts: Part[], code: string]

/** A JPEG of some bytes that says it is 20000 pixels wide and high. */
function boastingJpeg(jpeg: Buffer): Buffer {
  const start = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  const boasting = Buffer.from(jpeg)
  boasting.writeUInt16BE(20_000, start + 5)
  boasting.writeUInt16BE(20_000, start + 7)
  return boasting
}

async function hostileRows(): Promise<Row[]> {
  const jpeg = await formulaJpeg(1, HEIGHT, WIDTH, 3)
  return [
    ['bad JSON', ['nonsense', PIXELS], 'NETGEAR_HEADER_NOT_JSON'],
    ['no UTF-8', [Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), PIXELS], 'NETGEAR_HEADER_NOT_JSON'],
    ['a list', ['[]', PIXELS], 'NETGEAR_HEADER_INVALID'],
    ['null', ['null', PIXELS], 'NETGEAR_HEADER_INVALID'],
    ['nothing in the header', ['{}', PIXELS], 'NETGEAR_HEADER_INVALID'],
    ['no terminate_flag', [{ ...RAW, terminate_flag: undefined }, PIXELS], 'NETGEAR_HEADER_INVALID'],
    ['no compression', [{ ...RAW, compression: undefined }, PIXELS], 'NETGEAR_HEADER_INVALID'],
    ['an unknown colorspace', [{ ...JPEG, compression: { colorspace: 'PINK' } }, jpeg], 'NETGEAR_HEADER_INVALID'],
    ['half a JPEG', [JPEG, jpeg.subarray(0, jpeg.length / 2)], 'NETGEAR_JPEG_TRUNCATED'],
    ['the first bytes of a JPEG', [JPEG, jpeg.subarray(0, 8)], 'NETGEAR_JPEG_TRUNCATED'],
    ['an empty frame', [JPEG, Buffer.alloc(0)], 'NETGEAR_FRAME_EMPTY'],
    ['no JPEG', [JPEG, PIXELS], 'NETGEAR_NOT_JPEG'],
    ['a JPEG that says 20000x20000', [JPEG, boastingJpeg(jpeg)], 'NETGEAR_PICTURE_TOO_LARGE'],
    ['a shape that does not fit', [{ ...RAW, shape: [HEIGHT, WIDTH, 4] }, PIXELS], 'NETGEAR_SHAPE_MISMATCH'],
    ['a shape of gigabytes', [{ ...RAW, shape: [1e9, 1e9, 3] }, PIXELS], 'NETGEAR_SHAPE_MISMATCH'],
    ['an unknown dtype', [{ ...RAW, dtype: 'pixels' }, PIXELS], 'NETGEAR_DTYPE'],
    ['Python objects', [{ ...RAW, dtype: 'object' }, PIXELS], 'NETGEAR_DTYPE'],
    ['one part that ends nothing', [{ terminate_flag: false }], 'NETGEAR_PARTS'],
    ['three parts', [RAW, PIXELS, 'more'], 'NETGEAR_PARTS'],
    ['a header of 2 MB', [{ ...RAW, message: 'x'.repeat(2e6) }, PIXELS], 'NETGEAR_HEADER_TOO_LARGE'],
  ]
}

describe('messages that a NetGear would die of', needs('python3-zmq'), () => {
  for (const pattern of [0, 1, 2] as const) {
    test(`pattern ${pattern}: are counted, answered and survived; good frames go on`, async (t) => {
      const { flow, sender } = await receiveFromPython(t, pattern, 2)
      const seenCodes = new Set<string>()
      const rows = await hostileRows()
      let seed = 10
      let reported = 0
      for (const [what, parts, code] of rows) {
        await answered(sender, pattern, parts, what)
        if (!seenCodes.has(code)) {
          // Further ones of a code are summed up for a second.
          const event = await flow.event('in', 'invalid', (invalid) => invalid.code === code)
          assert.ok(String(event.reason).length > 20, what)
          reported += Number(event.count)
        } else if (pattern === 2) await passed(sender)
        seenCodes.add(code)
        seed += 1
        await goodFrame(flow, sender, seed)
      }
      while (reported < rows.length) reported += Number((await flow.event('in', 'invalid')).count)
      assert.equal(reported, rows.length)
      assert.equal(flow.untakenEvents('in', 'disconnected'), 0)
    })

    test(`pattern ${pattern}: an end of stream with a second part is one`, async (t) => {
      const { flow, sender } = await receiveFromPython(t, pattern, 0)
      await answered(sender, pattern, [{ terminate_flag: true }, PIXELS], 'the end')
      await flow.from('in').next(({ complete }) => complete === true)
      await goodFrame(flow, sender, 1)
    })
  }

  test('what a NetGear takes although it never sends it is delivered', async (t) => {
    const { flow, sender } = await receiveFromPython(t, 1, 0)
    const jpeg = await formulaJpeg(1, HEIGHT, WIDTH, 3)
    const { terminate_flag, compression, dtype, shape } = RAW
    const rows: [string, Part[], Buffer][] = [
      ['only what is needed', [{ terminate_flag, compression, dtype, shape }, PIXELS], PIXELS],
      ['unknown keys', [{ ...RAW, zoom: { x: [1] }, seq: 'none', from: 7 }, PIXELS], PIXELS],
      ['an open size', [{ ...RAW, shape: [HEIGHT, -1, 3] }, PIXELS], PIXELS],
      ['lower case', [{ ...JPEG, compression: { dct: true, ups: true, colorspace: 'bgr' } }, jpeg], jpeg],
      ['no ups', [{ ...JPEG, compression: { dct: true, colorspace: 'BGR' } }, jpeg], jpeg],
      [
        'colours announced as grey',
        [{ ...JPEG, compression: { colorspace: 'GRAY', dct: true, ups: false } }, jpeg],
        jpeg,
      ],
    ]
    for (const [what, parts, body] of rows) {
      await answered(sender, 1, parts, what)
      assert.deepEqual((await flow.from('in').next()).payload, body, what)
    }
  })
})

describe('an imagezmq sender', needs('python3-zmq'), () => {
  for (const pattern of [1, 2] as const) {
    test(`pattern ${pattern}: its pixels and JPEGs arrive with its text, answered as its hub would`, async (t) => {
      const { flow, sender } = await receiveFromPython(t, pattern, 2, { ours: { output: 'jpeg' } })
      const jpeg = await formulaJpeg(2, HEIGHT, WIDTH, 3)
      const raw = await answered(sender, pattern, [{ msg: 'porch', dtype: 'uint8', shape: RAW.shape }, PIXELS], 'raw')
      const encoded = await flow.from('in').next(({ data }) => data === 'porch')
      assert.ok(await showsFormula(encoded.payload as Buffer, 1, HEIGHT, WIDTH))
      const compressed = await answered(sender, pattern, [{ msg: 'yard' }, jpeg], 'JPEG')
      assert.deepEqual((await flow.from('in').next(({ data }) => data === 'yard')).payload, jpeg)
      if (pattern === 1) assert.deepEqual([raw, compressed], ['OK', 'OK'])
    })
  }
})

/** Sends these parts, and gives the answer's text; in the lock-step patterns there has to be one. */
async function answered(sender: PythonPeer, pattern: Pattern, parts: Part[], what: string): Promise<string> {
  const { answer } = await sender.command('sendGarbage', { parts: parts.map(base64), awaitAnswerFor: 2 })
  assert.equal(answer?.parts.length, pattern === 2 ? undefined : 1, what)
  return Buffer.from(answer?.parts[0] ?? '', 'base64').toString()
}

async function goodFrame(flow: Flow, sender: PythonPeer, seed: number): Promise<void> {
  await sender.command('send', { picture: { seed, shape: [HEIGHT, WIDTH, 3] }, message: { seed } })
  assert.deepEqual((await frameOf(flow.from('in'), seed)).payload, formulaPixels(seed, HEIGHT, WIDTH, 3))
}

/** Gives a PUB with room for one message the time to send it. */
async function passed(sender: PythonPeer): Promise<void> {
  await sender.command('pause', { seconds: 0.05 })
}

function base64(part: Part): string {
  if (Buffer.isBuffer(part)) return part.toString('base64')
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64')
}
