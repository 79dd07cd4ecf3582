import { decodeJpeg, encodeJpeg } from '../../lib/video/codec'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import { checkPictureSize, type RawPicture } from '../../lib/video/picture'
import { rawPicture } from '../../lib/video/raw-picture'
import { NetgearError } from '../../lib/wire/error'
import type { PictureToEncode } from '../../lib/wire/picture'

type Sharp = typeof import('sharp')

/** Longest side of a preview in pixels. */
const SIDE = 320
const QUALITY = 70
const START_OF_SCAN = Buffer.from([0xff, 0xda])
const INSIDE = { width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true } as const

/**
 * A frame as a JPEG of at most 320 pixels on a side, made off the event loop. Rejects with the errors of `decodeJpeg`, with
 * `NETGEAR_DEPTH`, `NETGEAR_COLORSPACE` or `NETGEAR_PIXELS_MISMATCH` for raw frames that are no picture of 8 bits, and with
 * `NETGEAR_CODEC_MISSING`.
 */
export async function shrinkToJpeg(frame: PictureToEncode): Promise<Buffer> {
  if (frame.encoding === 'jpeg') return isSimple(frame.body) ? shrinkSimpleJpeg(frame.body) : shrinkAnyJpeg(frame.body)
  const [height = 0, width = 0, channels = 1] = frame.shape
  const dtype = frame.dtype === 'bool' ? 'uint8' : frame.dtype
  const shape = { width, height, channels, dtype, colorspace: channels === 1 ? 'GRAY' : 'BGR', source: 'the frame' }
  return shrinkPixels(rawPicture(frame.body, shape))
}

/** With one scan its decoding cannot take longer than its size says; the others get the checks of `decodeJpeg`. */
function isSimple(jpeg: Buffer): boolean {
  const scan = jpeg.indexOf(START_OF_SCAN)
  const { channels, progressive } = readJpegHeader(jpeg)
  return channels !== 4 && !progressive && scan !== -1 && jpeg.indexOf(START_OF_SCAN, scan + 2) === -1
}

/** Decodes only what the small picture needs: about five times as fast as decoding all of it. */
async function shrinkSimpleJpeg(jpeg: Buffer): Promise<Buffer> {
  const { width, height } = readJpegHeader(jpeg)
  checkPictureSize(width, height)
  const sharp = loadSharp()
  try {
    return await sharp(jpeg, { failOn: 'error', limitInputPixels: width * height, ignoreIcc: true })
      .resize(INSIDE)
      .toColourspace('srgb')
      .jpeg({ quality: QUALITY })
      .toBuffer()
  } catch {
    // What sharp finds wrong with it jpeg-turbo may still read, and if not, decodeJpeg says what is wrong.
    return shrinkAnyJpeg(jpeg)
  }
}

async function shrinkAnyJpeg(jpeg: Buffer): Promise<Buffer> {
  return shrinkPixels(await decodeJpeg(jpeg, 'BGR'))
}

async function shrinkPixels({ data, width, height, channels, order }: RawPicture): Promise<Buffer> {
  const sharp = loadSharp()
  const small = await sharp(data, { raw: { width, height, channels }, limitInputPixels: width * height })
    .resize(INSIDE)
    .raw()
    .toBuffer({ resolveWithObject: true })
  const shape = { width: small.info.width, height: small.info.height, channels: small.info.channels }
  const colorspace = order === 'GRAY' && shape.channels > 1 ? 'BGR' : order
  return encodeJpeg(rawPicture(small.data, { ...shape, colorspace, source: 'the preview' }), QUALITY)
}

function loadSharp(): Sharp {
  try {
    return require('sharp') as Sharp
  } catch (cause) {
    throw new NetgearError(
      'NETGEAR_CODEC_MISSING',
      'There is no preview, because the picture library sharp does not load here. ' +
        'Install this package again with its optional dependencies (npm install --include=optional).',
      { cause },
    )
  }
}
