import { NetgearError } from '../wire/error'

/** How a pixel's bytes follow each other. */
export type PixelOrder = 'RGB' | 'BGR' | 'RGBA' | 'BGRA' | 'GRAY'

/** Bytes per pixel of each order. */
export const CHANNELS = { RGB: 3, BGR: 3, RGBA: 4, BGRA: 4, GRAY: 1 } as const satisfies Record<PixelOrder, 1 | 3 | 4>

/** A whole JPEG, as it came. */
export interface JpegPicture {
  kind: 'jpeg'
  data: Buffer
  width: number
  height: number
  channels: number
}

/** Pixels: 8 bits per channel, rows from the top, nothing between rows. */
export interface RawPicture {
  kind: 'raw'
  data: Buffer
  width: number
  height: number
  channels: 1 | 3 | 4
  order: PixelOrder
}

/** A picture file of another kind; only sharp knows its size. */
export interface EncodedPicture {
  kind: 'encoded'
  data: Buffer
  format: EncodedFormat
}

export type EncodedFormat = 'png' | 'webp' | 'gif' | 'tiff' | 'avif'

export type Picture = JpegPicture | RawPicture | EncodedPicture

/** The largest picture that is decoded or encoded unless a caller says otherwise, in pixels. */
export const MAX_PIXELS = 100_000_000

export interface PictureLimits {
  /** Width times height; values beyond 500 million mean 500 million. Default 100 million. */
  pixels: number
}

/** More would overflow the 32-bit sizes inside jpeg-turbo, which corrupts memory. */
const CODEC_PIXELS = 500_000_000

/** Pixels that a decoder may be asked for; throws `NETGEAR_PICTURE_TOO_LARGE` beyond. */
export function checkPictureSize(width: number, height: number, limits?: PictureLimits): void {
  const most = pixelLimit(limits)
  if (width * height > most) {
    throw new NetgearError(
      'NETGEAR_PICTURE_TOO_LARGE',
      `The picture says it is ${width} x ${height} = ${width * height} pixels; at most ${most} are allowed.`,
    )
  }
}

/** libjpeg's own limit for width and height. */
const LONGEST_SIDE = 65_500

/** Throws `NETGEAR_PICTURE_TOO_LARGE` for a side that no JPEG has. Of a picture file such a one takes seconds, for its lines alone. */
export function checkSides(width: number, height: number): void {
  if (width <= LONGEST_SIDE && height <= LONGEST_SIDE) return
  throw new NetgearError(
    'NETGEAR_PICTURE_TOO_LARGE',
    `The picture is ${width} x ${height}; a JPEG has at most ${LONGEST_SIDE} on a side.`,
  )
}

/** The limit in force, in pixels. */
export function pixelLimit(limits?: PictureLimits): number {
  return Math.min(limits?.pixels ?? MAX_PIXELS, CODEC_PIXELS)
}
