import { NetgearError } from '../wire/error'
import { CHANNELS, type PixelOrder, type RawPicture } from './picture'

/** What somebody says about a Buffer of pixels. */
export interface PixelShape {
  width: number
  height: number
  /** Left out: whatever fits the Buffer. */
  channels?: number | undefined
  /** NetGear's name of the pixel order; left out: RGB, RGBA or GRAY, as sharp has it. */
  colorspace?: string | undefined
  /** NumPy's name of the values' type; left out: uint8. */
  dtype?: string | undefined
  /** Who says so, for error texts, such as `msg.netgear`. */
  source: string
}

const ORDER_OF_COLORSPACE: Readonly<Record<string, PixelOrder>> = {
  RGB: 'RGB',
  RGBA: 'RGBA',
  RGBX: 'RGBA',
  BGR: 'BGR',
  BGRA: 'BGRA',
  BGRX: 'BGRA',
  GRAY: 'GRAY',
}

/** Whether the Buffer has exactly the bytes that the shape asks for. */
export function fits(bytes: Buffer, shape: PixelShape): boolean {
  const channels = channelsOf(bytes, shape)
  return channels !== undefined && bytes.length === shape.width * shape.height * channels
}

/**
 * The Buffer as pixels of that shape; its memory is shared. Throws `NETGEAR_PIXELS_MISMATCH` when the size is wrong,
 * `NETGEAR_DEPTH` when the pixels are not of 8 bits, and `NETGEAR_COLORSPACE` for channels or an order that are not known.
 */
export function rawPicture(bytes: Buffer, shape: PixelShape): RawPicture {
  const { width, height, source, dtype = 'uint8' } = shape
  if (dtype !== 'uint8') throw depthError(`${source} says dtype "${dtype}"`)
  const channels = channelsOf(bytes, shape)
  if (channels === undefined) throw mismatch(bytes, shape)
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new NetgearError(
      'NETGEAR_COLORSPACE',
      `${source} says ${channels} channels; pixels have 1 (grey), 3 (RGB or BGR) or 4 (with alpha).`,
    )
  }
  const wanted = width * height * channels
  if (bytes.length === 2 * wanted) {
    throw depthError(`The Buffer has twice the ${wanted} bytes of ${width} x ${height} x ${channels} (${source})`)
  }
  if (bytes.length !== wanted) throw mismatch(bytes, shape)
  return { kind: 'raw', data: bytes, width, height, channels, order: orderOf(shape, channels) }
}

/** The error for pixels of more than 8 bits per channel; `what` is where that was seen. */
export function depthError(what: string): NetgearError {
  return new NetgearError('NETGEAR_DEPTH', `${what}: only pixels of 8 bits per channel (uint8) can be sent.`)
}

/** A shape's parts where all that is needed is there and makes sense; numbers may be given as text. */
export function pixelShape(
  parts: { width?: unknown; height?: unknown; channels?: unknown; colorspace?: unknown; dtype?: unknown },
  source: string,
): PixelShape | undefined {
  const width = positiveInteger(parts.width)
  const height = positiveInteger(parts.height)
  if (width === undefined || height === undefined) return undefined
  const channels = positiveInteger(parts.channels)
  return { width, height, channels, colorspace: nonEmpty(parts.colorspace), dtype: nonEmpty(parts.dtype), source }
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function positiveInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= 0xff_ffff
    ? number
    : undefined
}

function channelsOf(bytes: Buffer, shape: PixelShape): number | undefined {
  return shape.channels ?? [1, 3, 4].find((channels) => bytes.length === shape.width * shape.height * channels)
}

function orderOf(shape: PixelShape, channels: 1 | 3 | 4): PixelOrder {
  const colorspace = (shape.colorspace ?? (channels === 1 ? 'GRAY' : 'RGB')).toUpperCase()
  const order = ORDER_OF_COLORSPACE[colorspace]
  if (order === undefined || (order === 'GRAY' && channels !== 1)) {
    const known = Object.keys(ORDER_OF_COLORSPACE).join(', ')
    const what = `${shape.source} says colorspace "${shape.colorspace}" with ${channels} channels`
    throw new NetgearError('NETGEAR_COLORSPACE', `${what}; known are ${known}.`)
  }
  if (channels === 1) return 'GRAY'
  if (CHANNELS[order] === channels) return order
  if (order.startsWith('BGR')) return channels === 4 ? 'BGRA' : 'BGR'
  return channels === 4 ? 'RGBA' : 'RGB'
}

function mismatch(bytes: Buffer, shape: PixelShape): NetgearError {
  const { width, height, source } = shape
  const wanted =
    shape.channels === undefined
      ? `${width} x ${height} = ${width * height} pixels of 1, 3 or 4 bytes`
      : `${width} x ${height} x ${shape.channels} = ${width * height * shape.channels} bytes`
  const text = `${source} says ${wanted}, but the Buffer has ${bytes.length} bytes.`
  return new NetgearError(
    'NETGEAR_PIXELS_MISMATCH',
    `${text} Give the width, height and channels of these very pixels.`,
  )
}
