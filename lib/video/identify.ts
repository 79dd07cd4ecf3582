import { types } from 'node:util'
import { NetgearError } from '../wire/error'
import { encodedFormat, unreadableFormat } from './encoded-format'
import { readJpegHeader, startsJpeg } from './jpeg-header'
import type { JpegPicture, Picture } from './picture'
import { depthError, fits, type PixelShape, pixelShape, rawPicture } from './raw-picture'
import { isWholeJpeg } from './whole-jpeg'

/** What the message says beside the picture: `msg.netgear`, `msg.width`, `msg.height` and `msg.channels`. */
export interface PictureHints {
  netgear?: unknown
  width?: unknown
  height?: unknown
  channels?: unknown
}

const EXPECTED =
  'Expected a Buffer with a JPEG, PNG, WebP, GIF, TIFF or AVIF picture, an array of such Buffers, a data URL or base64 ' +
  "text, sharp's {data, info}, a bitmap {data, width, height}, or a Buffer of pixels with msg.width, msg.height and " +
  'msg.channels'

/**
 * Finds the pictures in whatever a flow sends. Empty Buffers, arrays and texts are no picture: `[]`. A JPEG Buffer comes
 * back as the same object, other byte arrays as a Buffer over the same memory; nothing is decoded, and nothing copied
 * but the chunks of a JPEG that came in pieces, and text.
 *
 * Throws `NETGEAR_NOT_A_PICTURE` for anything else (with what was expected and what came), `NETGEAR_PIXELS_MISMATCH`,
 * `NETGEAR_DEPTH` and `NETGEAR_COLORSPACE` for pixels that are not what the message says, and the errors of
 * `readJpegHeader`, among them `NETGEAR_JPEG_TRUNCATED`, for a JPEG without its end.
 */
export function identifyPictures(value: unknown, hints: PictureHints): Picture[] {
  const bytes = asBuffer(value)
  if (bytes) return bytes.length === 0 ? [] : [identifyBytes(bytes, hints)]
  if (typeof value === 'string') return value.trim() === '' ? [] : [identifyText(value, hints)]
  if (Array.isArray(value)) return identifyArray(value, hints)
  if (isRecord(value)) return identifyObject(value)
  throw notAPicture(describe(value))
}

/** Bytes of any kind as a Buffer over the same memory; objects from another realm (a Function node) included. */
function asBuffer(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value)
  if (!ArrayBuffer.isView(value)) return undefined
  if (!types.isUint8Array(value) && !types.isUint8ClampedArray(value) && !types.isDataView(value)) {
    throw depthError(`The picture came as ${Object.prototype.toString.call(value).slice(8, -1)}`)
  }
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function identifyBytes(bytes: Buffer, hints: PictureHints): Picture {
  // Pixels may begin like a JPEG: what netgear-in says of its own raw frames goes first.
  const saidToBePixels = isRecord(hints.netgear) && hints.netgear.encoding === 'raw'
  const shapeThatFits = () => shapesIn(hints).find((shape) => fits(bytes, shape))
  const announced = saidToBePixels ? shapeThatFits() : undefined
  if (announced) return rawPicture(bytes, announced)
  if (startsJpeg(bytes)) {
    try {
      return jpegPicture(bytes)
    } catch (error) {
      if (!shapeThatFits()) throw error
    }
  }
  const format = encodedFormat(bytes)
  if (format) return { kind: 'encoded', data: bytes, format }
  const shape = shapeThatFits() ?? shapesIn(hints)[0]
  if (shape) return rawPicture(bytes, shape)
  throw notAPicture(describe(bytes))
}

function jpegPicture(jpeg: Buffer): JpegPicture {
  const { width, height, channels } = readJpegHeader(jpeg)
  if (!isWholeJpeg(jpeg)) {
    throw new NetgearError(
      'NETGEAR_JPEG_TRUNCATED',
      `The JPEG of ${width} x ${height} has no end after ${jpeg.length} bytes: the rest did not come with this message.`,
    )
  }
  return { kind: 'jpeg', data: jpeg, width, height, channels }
}

/** Shapes that the message gives: its own properties, then what netgear-in said of the frame. */
function shapesIn(hints: PictureHints): PixelShape[] {
  const shapes: PixelShape[] = []
  const netgear = isRecord(hints.netgear) ? hints.netgear : {}
  // What netgear-in says of a JPEG's colours and depth says nothing about pixels that a flow made of it.
  const { colorspace, dtype } = netgear.encoding === 'jpeg' ? {} : netgear
  const own = pixelShape({ ...hints, colorspace }, 'msg.width, msg.height and msg.channels')
  if (own) shapes.push(own)
  const received = pixelShape({ ...netgear, colorspace, dtype }, 'msg.netgear')
  if (received) shapes.push(received)
  return shapes
}

function identifyArray(array: unknown[], hints: PictureHints): Picture[] {
  const parts: Buffer[] = []
  for (const [index, element] of array.entries()) {
    const bytes = asBuffer(element)
    if (!bytes) throw notAPicture(`an array with ${describe(element)} at index ${index}`)
    if (bytes.length > 0) parts.push(bytes)
  }
  const [first] = parts
  if (!first) return []
  const cutJpeg = startsJpeg(first) && !isWholeJpeg(first)
  if (!cutJpeg && parts.every((part) => startsJpeg(part) || encodedFormat(part))) {
    return parts.map((part) => identifyBytes(part, hints))
  }
  return [identifyBytes(parts.length === 1 ? first : Buffer.concat(parts), hints)]
}

function identifyText(text: string, hints: PictureHints): Picture {
  const dataUrl = /^\s*data:[^,]{0,200};base64,/i.exec(text)
  const bytes = Buffer.from(dataUrl ? text.slice(dataUrl[0].length) : text, 'base64')
  if (!startsJpeg(bytes) && !encodedFormat(bytes)) {
    const shape = dataUrl ? undefined : shapesIn(hints).find((candidate) => fits(bytes, candidate))
    if (!shape) throw notAPicture(describe(text))
  }
  return identifyBytes(bytes, hints)
}

function identifyObject(object: Record<string, unknown>): Picture[] {
  const bitmap = isRecord(object.bitmap) ? object.bitmap : object
  const bytes = asBuffer(bitmap.data)
  if (!bytes) throw notAPicture(describe(object))
  if (bytes.length === 0) return []
  const info = isRecord(bitmap.info) ? bitmap.info : undefined
  if (info?.format === 'raw' && typeof info.depth === 'string' && info.depth !== 'uchar') {
    throw depthError(`sharp's info.depth is "${info.depth}"`)
  }
  const shape = info ? pixelShape(info, "sharp's info") : pixelShape(bitmap, 'the bitmap')
  const isFile = startsJpeg(bytes) || encodedFormat(bytes) !== undefined
  if (shape && (fits(bytes, shape) || !isFile)) return [rawPicture(bytes, shape)]
  if (isFile) return [identifyBytes(bytes, {})]
  throw notAPicture(describe(object))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function notAPicture(what: string): NetgearError {
  // What came goes first: Node-RED's debug sidebar shows no more than the beginning.
  return new NetgearError('NETGEAR_NOT_A_PICTURE', `Not a picture: ${what}. ${EXPECTED}.`)
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return `nothing (${value})`
  if (typeof value === 'string') {
    const shown = JSON.stringify(value.length > 24 ? `${value.slice(0, 24)}…` : value)
    return `text that is neither data URL nor base64 of a picture: ${shown} (a file must be read first)`
  }
  if (Buffer.isBuffer(value)) {
    const known = unreadableFormat(value)
    return known ?? `a Buffer of ${value.length} bytes that begins with "${value.subarray(0, 4).toString('hex')}"`
  }
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (isRecord(value)) return `an object with ${Object.keys(value).slice(0, 6).join(', ') || 'nothing in it'}`
  return typeof value === 'function' ? 'a function' : `${typeof value} ${String(value)}`
}
