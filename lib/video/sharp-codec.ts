import { NetgearError } from '../wire/error'
import type { JpegCodec } from './jpeg-codec'
import {
  CHANNELS,
  checkSides,
  type EncodedPicture,
  type JpegPicture,
  type PictureLimits,
  type PixelOrder,
  pixelLimit,
  type RawPicture,
} from './picture'
import { reorderPixels } from './pixel-order'
import { inSlices } from './slices'

type Sharp = typeof import('sharp')
type Reading = { failOn: 'error'; limitInputPixels: number }

/** libjpeg-turbo's speed needs this off; the gain in size is about 3 %. */
const FAST_JPEG = { optimiseCoding: false } as const
/** Warnings are tolerated, as OpenCV does; missing data is not. */
const FAIL_ON = 'error'
const BLACK = { r: 0, g: 0, b: 0 } as const

function loadSharp(): Sharp {
  try {
    return require('sharp') as Sharp
  } catch (error) {
    const advice = 'Install this package again with its optional dependencies (npm install --include=optional).'
    throw new NetgearError('NETGEAR_CODEC_MISSING', `The picture library sharp does not load here. ${advice}`, {
      cause: error,
    })
  }
}

/** The codec on top of sharp: the fallback (4:2:0, about half as fast for BGR), and the only one that reads CMYK. */
export const sharpCodec: JpegCodec = {
  name: 'sharp',
  async encode(picture, quality) {
    const order = picture.order === 'GRAY' ? 'GRAY' : 'RGB'
    const { data, width, height, channels } = await reorderPixels(picture, order)
    const image = loadSharp()(data, { raw: { width, height, channels }, limitInputPixels: width * height })
    const shaped = order === 'GRAY' ? image.toColourspace('b-w') : image
    return shaped.jpeg({ ...FAST_JPEG, quality }).toBuffer()
  },
  async decode(jpeg, header, order) {
    const reading = { failOn: FAIL_ON, limitInputPixels: header.width * header.height } as const
    const pixels = header.channels === 4 ? await decodeCmyk(jpeg, reading) : await decodeColour(jpeg, reading)
    return reorderPixels(pixels, order)
  },
}

async function decodeColour(jpeg: Buffer, reading: Reading): Promise<RawPicture> {
  return pixelsOf(loadSharp()(jpeg, { ...reading, ignoreIcc: true }), false)
}

/**
 * CMYK without a profile is taken as plain inks on white, as OpenCV takes it (sharp alone would assume a press); with
 * an embedded profile, sharp applies it.
 */
async function decodeCmyk(jpeg: Buffer, reading: Reading): Promise<RawPicture> {
  const sharp = loadSharp()
  const { hasProfile } = await sharp(jpeg, reading).metadata()
  if (hasProfile) return pixelsOf(sharp(jpeg, reading), false)
  const image = sharp(jpeg, { ...reading, ignoreIcc: true })
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
  const { data: inks, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const pixels = Buffer.allocUnsafeSlow(info.width * info.height * 3)
  await inSlices(info.width * info.height, (first, end) => mixInks(inks, pixels, first, end))
  return { kind: 'raw', data: pixels, width: info.width, height: info.height, channels: 3, order: 'RGB' }
}

/** Light that is left of white, of each colour after its own ink and the black one. */
function mixInks(inks: Buffer, pixels: Buffer, first: number, end: number): void {
  for (let from = first * 4, to = first * 3; to < end * 3; from += 4) {
    const light = 255 - (inks[from + 3] as number)
    for (let ink = 0; ink < 3; ink++) pixels[to++] = ((255 - (inks[from + ink] as number)) * light) / 255 + 0.5
  }
}

/**
 * A picture file as a JPEG in one pass: its first frame, upright as its EXIF orientation says, transparency on black.
 * `quality` is 1 to 100. At most 100 million pixels. Rejects with the error of `checkSides`, else with sharp's own.
 */
export async function encodedToJpeg(picture: EncodedPicture, quality: number): Promise<JpegPicture> {
  const image = (await open(picture)).flatten({ background: BLACK }).toColourspace('srgb')
  const { data, info } = await image.jpeg({ ...FAST_JPEG, quality }).toBuffer({ resolveWithObject: true })
  return { kind: 'jpeg', data, width: info.width, height: info.height, channels: info.channels }
}

/** A picture file as pixels: as `encodedToJpeg`, but with its transparency where the order has alpha. */
export async function encodedToPixels(
  picture: EncodedPicture,
  order: PixelOrder,
  limits?: PictureLimits,
): Promise<RawPicture> {
  const alpha = CHANNELS[order] === 4
  const image = await open(picture, limits)
  return reorderPixels(await pixelsOf(alpha ? image.ensureAlpha() : image.flatten({ background: BLACK }), alpha), order)
}

async function open({ data }: EncodedPicture, limits?: PictureLimits): Promise<ReturnType<Sharp>> {
  const image = loadSharp()(data, { failOn: FAIL_ON, limitInputPixels: pixelLimit(limits) })
  const { width, height } = await image.metadata()
  checkSides(width, height)
  return image.autoOrient()
}

async function pixelsOf(image: ReturnType<Sharp>, alpha: boolean): Promise<RawPicture> {
  const { data, info } = await image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  return alpha
    ? { kind: 'raw', data, width, height, channels: 4, order: 'RGBA' }
    : { kind: 'raw', data, width, height, channels: 3, order: 'RGB' }
}
