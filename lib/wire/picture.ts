import { COLORSPACES, type Colorspace, parseColorspace } from './colorspace'
import { bytesPerElement, DTYPES, type Dtype, isDtype } from './dtype'
import { NetgearError } from './error'
import { excerpt } from './excerpt'
import { isTruthy } from './header'
import type { JsonValue } from './json'

/** A JPEG, and what its sender asks the receiver to decode it to and how. */
export interface JpegPicture {
  encoding: 'jpeg'
  body: Buffer
  colorspace: Colorspace
  fastDct: boolean
  fastUpsample: boolean
}

/** Pixels in C order: row by row from the top, channels interleaved. */
export interface RawPicture {
  encoding: 'raw'
  body: Buffer
  dtype: Dtype
  /** `[height, width]` or `[height, width, channels]`, as the sender wrote it, a -1 resolved. */
  shape: number[]
  height: number
  width: number
  channels: number
  /** OpenCV's order for the number of channels, `undefined` for a number that it has none for. */
  colorspace: RawColorspace | undefined
}

export type RawColorspace = 'GRAY' | 'BGR' | 'BGRA'

const OPENCV_COLORSPACES: ReadonlyMap<number, RawColorspace> = new Map([
  [1, 'GRAY'],
  [3, 'BGR'],
  [4, 'BGRA'],
])

export type Picture = JpegPicture | RawPicture

/** A picture to send; a received {@link Picture} is one. A JPEG is announced as NetGear does by default unless told otherwise. */
export type PictureToEncode =
  | {
      encoding: 'jpeg'
      body: Buffer
      colorspace?: Colorspace | undefined
      fastDct?: boolean | undefined
      fastUpsample?: boolean | undefined
    }
  | { encoding: 'raw'; body: Buffer; dtype: Dtype; shape: readonly number[] }

export interface PictureLimits {
  /** Of a picture as it travels. */
  frameBytes: number
  /** Height times width of raw pixels; a JPEG's size is known only to its decoder, which has to check it. */
  pixels: number
}

/** What a header says of a picture: NetGear's `compression`, `dtype` and `shape`. */
export interface AnnouncedPicture {
  compression: JsonValue | undefined
  dtype: JsonValue | undefined
  shape: JsonValue | undefined
}

/**
 * Joins what a header announces with the part that holds the picture, which is not copied.
 *
 * @throws {NetgearError} `NETGEAR_FRAME_EMPTY`, `NETGEAR_FRAME_TOO_LARGE`, `NETGEAR_HEADER_INVALID` (compression),
 *   `NETGEAR_NOT_JPEG`, `NETGEAR_DTYPE`, `NETGEAR_SHAPE_MISMATCH`.
 */
export function decodePicture(announced: AnnouncedPicture, body: Buffer, limits: PictureLimits): Picture {
  if (body.length > limits.frameBytes) {
    throw new NetgearError(
      'NETGEAR_FRAME_TOO_LARGE',
      `The frame has ${body.length} bytes, more than the ${limits.frameBytes} accepted: send smaller pictures, or JPEG.`,
    )
  }
  const { compression, dtype, shape } = announced
  if (compression === undefined) {
    throw new NetgearError(
      'NETGEAR_HEADER_INVALID',
      'The header has no "compression", so what the frame is is unknown.',
    )
  }
  return isTruthy(compression) ? decodeJpeg(compression, body) : decodeRaw(dtype, shape, body, limits)
}

function decodeJpeg(compression: JsonValue, body: Buffer): JpegPicture {
  if (typeof compression !== 'object' || compression === null || Array.isArray(compression)) {
    const text = `The header's "compression" must be false or an object, not ${excerpt(compression)}.`
    throw new NetgearError('NETGEAR_HEADER_INVALID', text)
  }
  const named = compression.colorspace
  const colorspace = typeof named === 'string' ? parseColorspace(named) : undefined
  if (colorspace === undefined) {
    const text = `The "colorspace" in the header's "compression" must be one of ${COLORSPACES.join(', ')}, not ${excerpt(named)}.`
    throw new NetgearError('NETGEAR_HEADER_INVALID', text)
  }
  checkJpeg(body)
  const fastDct = isTruthy(compression.dct)
  const fastUpsample = isTruthy(compression.ups)
  return { encoding: 'jpeg', body, colorspace, fastDct, fastUpsample }
}

function decodeRaw(
  dtype: JsonValue | undefined,
  shape: JsonValue | undefined,
  body: Buffer,
  limits: PictureLimits,
): RawPicture {
  if (typeof dtype !== 'string' || !isDtype(dtype)) throw unknownDtype(dtype)
  if (!Array.isArray(shape)) throw shapeMismatch(shape, dtype, body, 'a list of 2 or 3 sizes was expected')
  const resolved = resolveShape(shape, dtype, body)
  const [height = 0, width = 0, channels = 1] = resolved
  if (height > limits.pixels / width) {
    throw new NetgearError(
      'NETGEAR_FRAME_TOO_LARGE',
      `The frame has ${height} x ${width} pixels, more than the ${limits.pixels} accepted: send smaller pictures.`,
    )
  }
  const colorspace = OPENCV_COLORSPACES.get(channels)
  return { encoding: 'raw', body, dtype, shape: resolved, height, width, channels, colorspace }
}

/**
 * Checks a picture that is about to be sent: a NetGear receiver never recovers from one that it cannot read.
 * Gives its description as NetGear's header has it, in JSON.
 *
 * @throws {NetgearError} `NETGEAR_FRAME_EMPTY`, `NETGEAR_NOT_JPEG`, `NETGEAR_DTYPE`, `NETGEAR_SHAPE_MISMATCH`.
 */
export function describePicture(picture: PictureToEncode): { compression: string; dtype: string; shape: string } {
  if (picture.encoding === 'jpeg') {
    checkJpeg(picture.body)
    const { colorspace = 'BGR', fastDct = true, fastUpsample = false } = picture
    const compression = `{"dct": ${fastDct}, "ups": ${fastUpsample}, "colorspace": "${colorspace}"}`
    return { compression, dtype: '""', shape: '""' }
  }
  const { dtype, shape, body } = picture
  return { compression: 'false', dtype: `"${dtype}"`, shape: `[${resolveShape(shape, dtype, body).join(', ')}]` }
}

function checkJpeg(body: Buffer): void {
  checkNotEmpty(body)
  if (body[0] !== 0xff || body[1] !== 0xd8) {
    throw new NetgearError(
      'NETGEAR_NOT_JPEG',
      `The frame is announced as a JPEG but begins with the bytes ${body.toString('hex', 0, 4)}, not ffd8.`,
    )
  }
}

function checkNotEmpty(body: Buffer): void {
  if (body.length === 0) throw new NetgearError('NETGEAR_FRAME_EMPTY', 'The frame has no bytes.')
}

/** The shape with a single -1 replaced by the size that makes it fit, as numpy's `reshape` does. */
function resolveShape(shape: readonly JsonValue[], dtype: string, body: Buffer): number[] {
  checkNotEmpty(body)
  const elementBytes = bytesPerElement(dtype)
  if (elementBytes === undefined) throw unknownDtype(dtype)
  if (shape.length !== 2 && shape.length !== 3) {
    throw shapeMismatch([...shape], dtype, body, '2 or 3 sizes were expected')
  }
  const sizes: number[] = []
  let bytes = elementBytes
  let open = -1
  for (const size of shape) {
    if (size === -1 && open === -1) open = sizes.length
    else if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1) {
      throw shapeMismatch([...shape], dtype, body, 'sizes must be whole numbers from 1')
    } else {
      // Never beyond the body's length, so that the product stays exact.
      if (size > body.length / bytes) throw shapeMismatch([...shape], dtype, body, 'which takes more bytes')
      bytes *= size
    }
    sizes.push(size)
  }
  if (open !== -1 && body.length % bytes === 0) sizes[open] = body.length / bytes
  else if (bytes !== body.length) throw shapeMismatch([...shape], dtype, body, `which takes ${bytes} bytes`)
  return sizes
}

function unknownDtype(dtype: JsonValue | undefined): NetgearError {
  return new NetgearError('NETGEAR_DTYPE', `The "dtype" must be one of ${DTYPES.join(', ')}, not ${excerpt(dtype)}.`)
}

function shapeMismatch(shape: JsonValue | undefined, dtype: string, body: Buffer, why: string): NetgearError {
  return new NetgearError(
    'NETGEAR_SHAPE_MISMATCH',
    `The frame has ${body.length} bytes and is announced with the "shape" ${excerpt(shape)} of ${dtype}: ${why}.`,
  )
}
