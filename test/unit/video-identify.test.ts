import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { identifyPictures, type PictureHints } from '../../lib/video/identify'
import type { PixelOrder } from '../../lib/video/picture'
import { NetgearError } from '../../lib/wire/error'
import { image, patches, speckles, withThumbnail } from '../fixtures/video/pictures'

const RAW = { type: 'frame', encoding: 'raw', width: 5, height: 3, channels: 3, dtype: 'uint8', colorspace: 'BGR' }

function refusal(value: unknown, hints: PictureHints = {}): NetgearError {
  try {
    identifyPictures(value, hints)
  } catch (error) {
    assert.ok(error instanceof NetgearError, String(error))
    return error
  }
  assert.fail('it was taken for a picture')
}

describe('identifyPictures', () => {
  let jpeg: Buffer
  let gray: Buffer
  let png: Buffer

  before(async () => {
    jpeg = await image(speckles(40, 30, 'RGB'))
      .jpeg()
      .toBuffer()
    gray = await image(patches(3, 5, 'GRAY'))
      .toColourspace('b-w')
      .jpeg()
      .toBuffer()
    png = await image(patches(8, 4, 'RGB'))
      .png()
      .toBuffer()
  })

  test('nothing is no picture', () => {
    for (const nothing of [
      Buffer.alloc(0),
      new Uint8Array(),
      [],
      [Buffer.alloc(0)],
      '',
      ' \n',
      { data: Buffer.alloc(0) },
    ]) {
      assert.deepEqual(identifyPictures(nothing, {}), [])
    }
  })

  test('a JPEG Buffer comes back as the very same object', () => {
    for (const [bytes, width, height, channels] of [
      [jpeg, 40, 30, 3],
      [gray, 3, 5, 1],
      [withThumbnail(jpeg, gray), 40, 30, 3],
      [Buffer.concat([jpeg, Buffer.alloc(7)]), 40, 30, 3],
      [Buffer.concat([jpeg, Buffer.from('maker notes')]), 40, 30, 3],
    ] as const) {
      const [picture] = identifyPictures(bytes, {})
      assert.deepEqual(picture, { kind: 'jpeg', data: bytes, width, height, channels })
      assert.equal(picture?.data, bytes)
    }
  })

  test('a JPEG without its end is refused as such', () => {
    for (const cut of [jpeg.length - 1, jpeg.length - 2, 300, 20]) {
      assert.equal(refusal(jpeg.subarray(0, cut)).code, 'NETGEAR_JPEG_TRUNCATED')
    }
  })

  test('other picture files are told by their first bytes', async () => {
    const source = image(patches(32, 32, 'RGB'))
    for (const format of ['png', 'webp', 'gif', 'tiff', 'avif'] as const) {
      const data = await source.clone().toFormat(format).toBuffer()
      assert.deepEqual(identifyPictures(data, {}), [{ kind: 'encoded', data, format }])
    }
  })

  test('typed arrays become a Buffer over the same memory, also from another realm', () => {
    const foreign = runInNewContext('Uint8Array.from(bytes)', { bytes: [...jpeg] }) as Uint8Array
    const clamped = new Uint8ClampedArray(new Uint8Array([0, ...jpeg]).buffer, 1)
    for (const bytes of [new Uint8Array(jpeg), clamped, foreign, new DataView(new Uint8Array(jpeg).buffer)]) {
      const [picture] = identifyPictures(bytes, {})
      assert.equal(picture?.kind, 'jpeg')
      assert.equal(picture.data.buffer, bytes.buffer)
      assert.equal(picture.data.byteOffset, bytes.byteOffset)
      assert.deepEqual(picture.data, jpeg)
    }
    const foreignBare = runInNewContext('Uint8Array.from(bytes).buffer', { bytes: [...jpeg] }) as ArrayBuffer
    for (const bare of [new Uint8Array(jpeg).buffer, foreignBare]) {
      assert.equal(identifyPictures(bare, {})[0]?.data.buffer, bare)
    }
  })

  test('an array of chunks is one JPEG, an array of pictures is each of them', () => {
    const chunks = [jpeg.subarray(0, 100), Buffer.alloc(0), jpeg.subarray(100, 400), jpeg.subarray(400)]
    assert.deepEqual(identifyPictures(chunks, {}), identifyPictures(jpeg, {}))
    const exif = withThumbnail(jpeg, gray)
    const atThumbnail = exif.indexOf(gray)
    const insideThumbnail = [exif.subarray(0, atThumbnail), exif.subarray(atThumbnail)]
    assert.deepEqual(identifyPictures(insideThumbnail, {}), identifyPictures(exif, {}))
    const [first, second, third] = identifyPictures([jpeg, gray, png], {})
    assert.equal(first?.data, jpeg)
    assert.equal(second?.data, gray)
    assert.equal(third?.data, png)
    assert.equal(identifyPictures([jpeg], {})[0]?.data, jpeg)
  })

  test('an array from another realm works, one with something else in it does not', () => {
    const foreign: unknown = runInNewContext('[jpeg]', { jpeg })
    assert.equal(identifyPictures(foreign, {})[0]?.data, jpeg)
    const error = refusal([jpeg, 7])
    assert.equal(error.code, 'NETGEAR_NOT_A_PICTURE')
    assert.match(error.message, /number 7 at index 1/)
  })

  test('data URLs and base64 text', () => {
    const text = jpeg.toString('base64')
    const lines = text.replace(/.{76}/g, '$&\r\n')
    for (const form of [text, lines, `data:image/jpeg;base64,${text}`, ` data:image/jpg;charset=x;base64,${lines}\n`]) {
      assert.deepEqual(identifyPictures(form, {}), identifyPictures(jpeg, {}))
    }
    assert.equal(identifyPictures(`data:image/png;base64,${png.toString('base64')}`, {})[0]?.kind, 'encoded')
    assert.equal(refusal(text.slice(0, -8)).code, 'NETGEAR_JPEG_TRUNCATED')
    for (const other of ['hello', '/home/pi/picture.jpg', 'https://host/x.jpg', 'data:image/svg+xml,<svg/>']) {
      const error = refusal(other)
      assert.equal(error.code, 'NETGEAR_NOT_A_PICTURE')
      assert.ok(error.message.includes(JSON.stringify(other).slice(0, 20)), error.message)
    }
  })

  test("sharp's data with info, raw or encoded", async () => {
    for (const order of ['RGB', 'RGBA'] as const) {
      const source = patches(5, 3, order)
      const raw = await image(source).raw().toBuffer({ resolveWithObject: true })
      assert.deepEqual(identifyPictures(raw, {}), [source])
      assert.equal(identifyPictures(raw, {})[0]?.data, raw.data)
    }
    const gray = patches(5, 3, 'GRAY')
    const info = { format: 'raw', width: 5, height: 3, channels: 1, depth: 'uchar' }
    assert.deepEqual(identifyPictures({ data: gray.data, info }, {}), [gray])
    const encoded = await image(patches(5, 3, 'RGB'))
      .jpeg()
      .toBuffer({ resolveWithObject: true })
    assert.equal(identifyPictures(encoded, {})[0]?.kind, 'jpeg')
  })

  test('ImageData and Jimp bitmaps are RGBA', () => {
    const { data } = patches(5, 3, 'RGBA')
    const bitmap = { data, width: 5, height: 3 }
    const expected = { kind: 'raw', data, width: 5, height: 3, channels: 4, order: 'RGBA' }
    assert.deepEqual(identifyPictures(bitmap, {}), [expected])
    assert.deepEqual(identifyPictures({ bitmap, _background: 0 }, {}), [expected])
    assert.deepEqual(identifyPictures({ ...bitmap, data: new Uint8ClampedArray(data) }, {}), [expected])
    assert.equal(identifyPictures({ ...bitmap, data: jpeg }, {})[0]?.kind, 'jpeg')
  })

  test("what netgear-in says of its raw frames: the pixels' order included", () => {
    for (const [colorspace, channels, order] of [
      ['BGR', 3, 'BGR'],
      ['RGB', 3, 'RGB'],
      ['bgr', 3, 'BGR'],
      ['BGR', 4, 'BGRA'],
      ['BGRA', 4, 'BGRA'],
      ['RGBX', 4, 'RGBA'],
      ['GRAY', 1, 'GRAY'],
      ['BGR', 1, 'GRAY'],
      [undefined, 3, 'RGB'],
      [undefined, 4, 'RGBA'],
    ] as const) {
      const data = Buffer.alloc(15 * channels, 1)
      const [picture] = identifyPictures(data, { netgear: { ...RAW, channels, colorspace } })
      assert.deepEqual(picture, { kind: 'raw', data, width: 5, height: 3, channels, order })
    }
  })

  test('width, height and channels of the message, also as text, go before msg.netgear', () => {
    const expectOrder = (length: number, hints: PictureHints, order: PixelOrder) => {
      const [picture] = identifyPictures(Buffer.alloc(length, 9), hints)
      assert.equal(picture?.kind, 'raw')
      assert.equal(picture.order, order)
      assert.equal(picture.width * picture.height * picture.channels, length)
    }
    expectOrder(24, { width: 4, height: 2, channels: 3 }, 'RGB')
    expectOrder(24, { width: '4', height: '2', channels: '3' }, 'RGB')
    expectOrder(24, { width: 4, height: 2 }, 'RGB')
    expectOrder(32, { width: 4, height: 2 }, 'RGBA')
    expectOrder(8, { width: 4, height: 2 }, 'GRAY')
    expectOrder(24, { width: 4, height: 2, netgear: RAW }, 'BGR')
    expectOrder(45, { width: 4, height: 2, netgear: { ...RAW, encoding: undefined } }, 'BGR')
    expectOrder(24, { width: 4, height: 2, netgear: { ...RAW, encoding: 'jpeg', dtype: 'float32' } }, 'RGB')
  })

  test('raw frames that begin like a JPEG are pixels; a JPEG beside stale hints is a JPEG', () => {
    const data = patches(5, 3, 'RGB').data
    data.set([0xff, 0xd8, 0xff])
    assert.equal(identifyPictures(data, { netgear: RAW })[0]?.kind, 'raw')
    assert.equal(identifyPictures(data, { width: 5, height: 3 })[0]?.kind, 'raw')
    assert.equal(
      identifyPictures({ data, info: { format: 'raw', width: 5, height: 3, channels: 3 } }, {})[0]?.kind,
      'raw',
    )
    data.write('II*\0', 'latin1')
    assert.equal(identifyPictures(data, { netgear: RAW })[0]?.kind, 'raw')
    assert.equal(identifyPictures(jpeg, { netgear: RAW, width: 5, height: 3 })[0]?.kind, 'jpeg')
    assert.equal(identifyPictures(jpeg, { netgear: { ...RAW, dtype: 'uint16' } })[0]?.kind, 'jpeg')
    assert.equal(identifyPictures(png, { width: 5, height: 3 })[0]?.kind, 'encoded')
  })

  test('a wrong number of pixels is shown with its arithmetic', () => {
    const error = refusal(Buffer.alloc(44), { netgear: RAW })
    assert.equal(error.code, 'NETGEAR_PIXELS_MISMATCH')
    assert.match(error.message, /msg\.netgear says 5 x 3 x 3 = 45 bytes, but the Buffer has 44/)
    assert.equal(refusal(Buffer.alloc(44), { width: 5, height: 3 }).code, 'NETGEAR_PIXELS_MISMATCH')
    assert.equal(refusal({ data: Buffer.alloc(7), width: 2, height: 1 }).code, 'NETGEAR_PIXELS_MISMATCH')
  })

  test('pixels of more than 8 bits are refused as such', () => {
    for (const [value, hints] of [
      [Buffer.alloc(45), { netgear: { ...RAW, dtype: 'uint16' } }],
      [Buffer.alloc(90), { netgear: { ...RAW, dtype: 'float64' } }],
      [Buffer.alloc(90), { netgear: { ...RAW, dtype: undefined } }],
      [Buffer.alloc(90), { width: 5, height: 3, channels: 3 }],
      [new Uint16Array(45), { netgear: RAW }],
      [{ data: new Float32Array(45), width: 5, height: 3 }, {}],
      [{ data: Buffer.alloc(90), info: { format: 'raw', width: 5, height: 3, channels: 3, depth: 'ushort' } }, {}],
      [{ data: Buffer.alloc(90), info: { width: 5, height: 3, channels: 3 } }, {}],
    ] as const) {
      assert.equal(refusal(value, hints).code, 'NETGEAR_DEPTH')
    }
  })

  test('channels and orders that are not known are refused', () => {
    for (const netgear of [
      { ...RAW, channels: 2 },
      { ...RAW, colorspace: 'CMYK', channels: 4 },
      { ...RAW, colorspace: 'XBGR', channels: 4 },
      { ...RAW, colorspace: 'GRAY' },
    ]) {
      assert.equal(refusal(Buffer.alloc(15 * netgear.channels), { netgear }).code, 'NETGEAR_COLORSPACE')
    }
  })

  test('anything else: the error says what was expected and what came', () => {
    for (const [value, came] of [
      [undefined, /nothing \(undefined\)/],
      [null, /nothing \(null\)/],
      [7, /number 7/],
      [true, /boolean true/],
      [{}, /object with nothing in it/],
      [{ fps: 5, name: 'x' }, /object with fps, name/],
      [{ data: 'text', width: 1, height: 1 }, /object with data, width, height/],
      [Buffer.from('some text'), /Buffer of 9 bytes that begins with "736f6d65"/],
      [Buffer.from('BM\x10\0\0\0\0\0\0\0rest'), /a BMP picture/],
      [Buffer.from('<svg xmlns=""/>'), /SVG/],
      [Buffer.from('0000001c66747970686569630000', 'hex'), /HEIC/],
      [Buffer.from('0000000167640028', 'hex'), /H\.264/],
      [() => 1, /a function/],
    ] as const) {
      const error = refusal(value)
      assert.equal(error.code, 'NETGEAR_NOT_A_PICTURE')
      assert.match(error.message, /^Not a picture: .*\. Expected a Buffer with a JPEG, PNG/)
      assert.match(error.message, came)
    }
  })
})
