import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import sharp from 'sharp'
import { decodeJpeg, toJpeg, toPixels } from '../../lib/video/codec'
import { identifyPictures } from '../../lib/video/identify'
import type { Picture } from '../../lib/video/picture'
import {
  assertPatches,
  assertSamePixels,
  bytesOf,
  type Colour,
  draw,
  image,
  patches,
  speckles,
} from '../fixtures/video/pictures'
import { isError } from '../fixtures/video/refusal'

const ORDERS = ['RGB', 'BGR', 'RGBA', 'BGRA', 'GRAY'] as const

async function only(data: Buffer): Promise<Picture> {
  const [picture] = identifyPictures(data, {})
  assert.ok(picture)
  return picture
}

describe('toJpeg', () => {
  test('a JPEG stays the very same object', async () => {
    const picture = await only(
      await image(patches(16, 16, 'RGB'))
        .jpeg()
        .toBuffer(),
    )
    assert.equal(await toJpeg(picture, 10), picture)
  })

  test('pixels and files become JPEGs of their size and colours', async () => {
    const raw = patches(128, 32, 'BGR')
    const pictures: Picture[] = [raw]
    for (const format of ['png', 'webp', 'gif', 'tiff', 'avif'] as const) {
      pictures.push(
        await only(
          await image(patches(128, 32, 'RGB'))
            .toFormat(format, { quality: 100 })
            .toBuffer(),
        ),
      )
    }
    for (const picture of pictures) {
      const jpeg = await toJpeg(picture, 95)
      assert.deepEqual([jpeg.kind, jpeg.width, jpeg.height, jpeg.channels], ['jpeg', 128, 32, 3])
      assert.deepEqual(await only(jpeg.data), jpeg)
      assertPatches(await decodeJpeg(jpeg.data, 'RGB'), 16)
    }
  })

  test('a grey picture says that it has one channel', async () => {
    const jpeg = await toJpeg(patches(16, 16, 'GRAY'), 90)
    assert.deepEqual(await only(jpeg.data), jpeg)
  })

  test('transparency is laid on black, and EXIF orientation is honoured', async () => {
    const clear = draw(64, 16, 'RGBA', () => [255, 255, 255])
    for (let at = 3; at < clear.data.length; at += 4) clear.data[at] = 0
    const onBlack = await toJpeg(await only(await image(clear).png().toBuffer()), 90)
    assert.ok((await decodeJpeg(onBlack.data, 'GRAY')).data.every((value) => value < 3))
    const turned = await image(patches(64, 16, 'RGB'))
      .tiff()
      .withMetadata({ orientation: 6 })
      .toBuffer()
    const { width, height } = await toJpeg(await only(turned), 90)
    assert.deepEqual([width, height], [16, 64])
  })

  test('a file that cannot be read is refused with its format', async () => {
    const png = await image(patches(64, 64, 'RGB'))
      .png()
      .toBuffer()
    const broken = { kind: 'encoded', data: png.subarray(0, 60), format: 'png' } as const
    await assert.rejects(toJpeg(broken, 90), isError('NETGEAR_PICTURE_BROKEN'))
    await assert.rejects(toPixels(broken, 'RGB'), /The PNG picture cannot be read/)
  })
})

describe('toPixels', () => {
  test('a PNG gives its very pixels in every order', async () => {
    for (const [width, height] of [
      [1, 1],
      [3, 5],
      [41, 17],
    ] as const) {
      const png = await only(
        await image(speckles(width, height, 'RGB'))
          .png()
          .toBuffer(),
      )
      for (const order of ORDERS) assertSamePixels(await toPixels(png, order), speckles(width, height, order))
    }
  })

  test('a PNG with alpha keeps it where the order has it, else is laid on black', async () => {
    const colour: Colour = [200, 100, 50]
    const half = draw(4, 4, 'RGBA', () => colour)
    for (let at = 3; at < half.data.length; at += 4) half.data[at] = 128
    const png = await only(await image(half).png().toBuffer())
    assert.deepEqual([...(await toPixels(png, 'BGRA')).data.subarray(0, 4)], bytesOf(colour, 'BGRA', 128))
    assert.deepEqual([...(await toPixels(png, 'RGB')).data.subarray(0, 3)], [100, 50, 25])
  })

  test('16-bit and grey PNGs become 8-bit colours', async () => {
    const gray = image(speckles(9, 7, 'GRAY')).toColourspace('b-w')
    assert.deepEqual(await toPixels(await only(await gray.png().toBuffer()), 'GRAY'), speckles(9, 7, 'GRAY'))
    const deep = await image(speckles(9, 7, 'RGB'))
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    assert.equal((await sharp(deep).metadata()).depth, 'ushort')
    assert.deepEqual(await toPixels(await only(deep), 'BGR'), speckles(9, 7, 'BGR'))
  })

  test('a JPEG is decoded in the order asked for, pixels are reordered', async () => {
    const jpeg = await toJpeg(patches(128, 32, 'RGB'), 95)
    for (const order of ORDERS) assertPatches(await toPixels(jpeg, order), 6)
    const raw = patches(16, 4, 'RGB')
    assert.deepEqual(await toPixels(raw, 'BGR'), patches(16, 4, 'BGR'))
    assert.equal(await toPixels(raw, 'RGB'), raw)
  })

  test('the limit on pixels holds for files too', async () => {
    const png = await only(
      await image(patches(16, 16, 'RGB'))
        .png()
        .toBuffer(),
    )
    await assert.rejects(toPixels(png, 'RGB', { pixels: 255 }), isError('NETGEAR_PICTURE_TOO_LARGE'))
    assert.equal((await toPixels(png, 'RGB', { pixels: 256 })).width, 16)
  })

  test('a picture file with a side that no JPEG has is refused before it is decoded', async () => {
    const tall = { width: 1, height: 65_501, channels: 3, background: 'red' } as const
    const picture = await only(await sharp({ create: tall }).png().toBuffer())
    await assert.rejects(toPixels(picture, 'RGB'), isError('NETGEAR_PICTURE_TOO_LARGE'))
    await assert.rejects(toJpeg(picture, 90), isError('NETGEAR_PICTURE_TOO_LARGE'))
  })
})
