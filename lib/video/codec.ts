import { availableParallelism } from 'node:os'
import { fitHeapRoom } from '../memory/heap-room'
import { makeLargePicture } from '../memory/large-pictures'
import { NetgearError } from '../wire/error'
import type { JpegCodec } from './jpeg-codec'
import { type JpegHeader, readJpegHeader, START_OF_SCAN } from './jpeg-header'
import {
  CHANNELS,
  checkPictureSize,
  checkSides,
  type EncodedPicture,
  type JpegPicture,
  type Picture,
  type PictureLimits,
  type PixelOrder,
  pixelLimit,
  type RawPicture,
} from './picture'
import { reorderPixels } from './pixel-order'
import { encodedToJpeg, encodedToPixels, sharpCodec } from './sharp-codec'
import { loadTurbo } from './turbo'
import { isWholeJpeg } from './whole-jpeg'

/** A progressive JPEG has about ten scans; each costs a pass over the whole picture, whatever its length. */
const MOST_SCANS = 64
/** So many passes over the largest picture take about two seconds. */
const MOST_SCANS_OF_LARGEST = 16
/** Just above 4096 x 2160. */
const LARGE_PIXELS = 9_000_000
/** libjpeg keeps each coefficient of a picture that comes in several scans until the last of them. */
const COEFFICIENT_BYTES = 2

/**
 * How many pictures of one stream to encode or decode at once. One processor is left for the event loop and the encryption: where a
 * sender and its receiver share two, the encoder would otherwise take the decoder's time for frames that are then left out.
 */
export const CONVERSIONS_PER_STREAM = Math.max(1, Math.min(2, availableParallelism() - 1))

let chosen: JpegCodec | undefined

/** The codec in use: jpeg-turbo where it loads, else sharp. Chosen at the first call. */
export function jpegCodec(): JpegCodec {
  chosen ??= loadTurbo() ?? sharpCodec
  return chosen
}

/** Uses this codec from now on, for the whole process; without one, chooses anew at the next call. */
export function useJpegCodec(codec?: JpegCodec): void {
  chosen = codec
}

/**
 * Encodes pixels, off the event loop: 4:2:0 as most cameras and OpenCV do, which takes a fifth less time and bytes than NetGear's 4:2:2;
 * grey as one component; alpha is left out. `quality` is 1 to 100. Gives a whole JPEG in memory of its own.
 *
 * Rejects with `NETGEAR_PIXELS_MISMATCH` when the Buffer is not width x height x channels long, with
 * `NETGEAR_PICTURE_TOO_LARGE` beyond 65500 on a side or 500 million pixels, and with `NETGEAR_QUALITY`.
 */
export async function encodeJpeg(picture: RawPicture, quality: number): Promise<Buffer> {
  const { data, width, height, channels, order } = picture
  const positive = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0
  if (!positive || data.length !== width * height * channels || channels !== CHANNELS[order]) {
    const wanted = `${width} x ${height} x ${channels} = ${width * height * channels} bytes of ${order}`
    throw new NetgearError('NETGEAR_PIXELS_MISMATCH', `The picture says ${wanted}, but its Buffer has ${data.length}.`)
  }
  checkSides(width, height)
  checkPictureSize(width, height, { pixels: Number.POSITIVE_INFINITY })
  checkQuality(quality)
  fitHeapRoom(data.length)
  return jpegCodec().encode(picture, quality)
}

/**
 * Decodes a JPEG into pixels, off the event loop. The size that it announces is checked before any decoder sees it
 * (`limits.pixels`, default 100 million). CMYK becomes the colours that OpenCV gives it.
 *
 * Rejects with the errors of `readJpegHeader`, `NETGEAR_PICTURE_TOO_LARGE`, `NETGEAR_JPEG_TRUNCATED` when the end is
 * missing, `NETGEAR_JPEG_UNSUPPORTED` when it has more than 64 scans (fewer for pictures near the limit), and `NETGEAR_JPEG_BROKEN` when no decoder can
 * read it. Damage within the picture data is no error: it gives a picture with faults.
 */
export async function decodeJpeg(jpeg: Buffer, order: PixelOrder, limits?: PictureLimits): Promise<RawPicture> {
  const header = readJpegHeader(jpeg)
  checkPictureSize(header.width, header.height, limits)
  if (!isWholeJpeg(jpeg)) {
    const size = `The JPEG of ${header.width} x ${header.height}`
    throw new NetgearError('NETGEAR_JPEG_TRUNCATED', `${size} has no end after ${jpeg.length} bytes.`)
  }
  const { width, height } = header
  fitHeapRoom(width * height * 3)
  checkScans(jpeg, Math.min(MOST_SCANS, (MOST_SCANS_OF_LARGEST * pixelLimit(limits)) / (width * height)))
  let cause: unknown
  // What jpeg-turbo does not read (CMYK), and what makes it warn (it does not tell which), sharp may.
  for (const codec of new Set([jpegCodec(), sharpCodec])) {
    try {
      return await decodeWith(codec, jpeg, header, order)
    } catch (error) {
      if (error instanceof NetgearError) throw error
      cause = error
    }
  }
  throw new NetgearError('NETGEAR_JPEG_BROKEN', `The JPEG cannot be decoded: ${reason(cause)}.`, { cause })
}

async function decodeWith(codec: JpegCodec, jpeg: Buffer, header: JpegHeader, order: PixelOrder): Promise<RawPicture> {
  const { width, height, channels } = header
  const decode = () => codec.decode(jpeg, header, order)
  if (width * height <= LARGE_PIXELS) return decode()
  const coefficientBytes = countScans(jpeg, 1) > 1 ? width * height * channels * COEFFICIENT_BYTES : 0
  return makeLargePicture(width * height * CHANNELS[order], coefficientBytes, decode)
}

/**
 * Any picture as a JPEG: one that is a JPEG stays the very same object. Picture files of other kinds go through sharp
 * once: first frame only, upright as EXIF says, transparency on black, at most 100 million pixels.
 * Rejects as `encodeJpeg` does, and with `NETGEAR_PICTURE_BROKEN` for a file that sharp cannot read.
 */
export async function toJpeg(picture: Picture, quality: number): Promise<JpegPicture> {
  if (picture.kind === 'jpeg') return picture
  if (picture.kind === 'encoded') {
    checkQuality(quality)
    return readingFile(picture, () => encodedToJpeg(picture, quality))
  }
  const { width, height, order } = picture
  const data = await encodeJpeg(picture, quality)
  return { kind: 'jpeg', data, width, height, channels: order === 'GRAY' ? 1 : 3 }
}

/** Whether to decode or encode the picture takes longer than that of a camera: it has more pixels than 4K, or many scans. */
export function takesLong(picture: JpegPicture | RawPicture): boolean {
  const passes = picture.kind === 'jpeg' ? countScans(picture.data, MOST_SCANS) : 1
  return picture.width * picture.height * passes > LARGE_PIXELS
}

/**
 * Any picture as pixels in this order; pixels that have it already stay the very same object. Rejects as `decodeJpeg`
 * does, and with `NETGEAR_PICTURE_BROKEN` for a file that sharp cannot read.
 */
export async function toPixels(picture: Picture, order: PixelOrder, limits?: PictureLimits): Promise<RawPicture> {
  if (picture.kind === 'jpeg') return decodeJpeg(picture.data, order, limits)
  if (picture.kind === 'encoded') return readingFile(picture, () => encodedToPixels(picture, order, limits))
  return reorderPixels(picture, order)
}

function checkQuality(quality: number): void {
  if (!(quality >= 1 && quality <= 100 && Number.isInteger(quality))) {
    throw new NetgearError('NETGEAR_QUALITY', `JPEG quality is a whole number from 1 to 100, not ${quality}.`)
  }
}

function checkScans(jpeg: Buffer, most: number): void {
  if (countScans(jpeg, most) <= most) return
  throw new NetgearError(
    'NETGEAR_JPEG_UNSUPPORTED',
    `The JPEG has more than ${Math.floor(most)} scans; normal is about 10.`,
  )
}

function countScans(jpeg: Buffer, most: number): number {
  let scans = 0
  for (let at = jpeg.indexOf(START_OF_SCAN); at !== -1 && scans <= most; at = jpeg.indexOf(START_OF_SCAN, at + 2))
    scans++
  return scans
}

async function readingFile<Result>(picture: EncodedPicture, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof NetgearError) throw cause
    const text = reason(cause)
    const code = text.includes('pixel limit') ? 'NETGEAR_PICTURE_TOO_LARGE' : 'NETGEAR_PICTURE_BROKEN'
    throw new NetgearError(code, `The ${picture.format.toUpperCase()} picture cannot be read: ${text}.`, { cause })
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
