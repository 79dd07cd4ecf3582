import { NetgearError } from '../wire/error'

/** What a JPEG says about itself before its picture data begins. */
export interface JpegHeader {
  /** 1 to 65535 */
  width: number
  /** 1 to 65535 */
  height: number
  /** 1 grey, 3 colour, 4 CMYK or YCCK */
  channels: 1 | 3 | 4
  /** Bits per channel; always 8 here, as others are refused. */
  precision: number
  progressive: boolean
}

/** The markers, with the byte before their code. Picture data holds none of them. */
export const START_OF_IMAGE = Buffer.from([0xff, 0xd8])
export const END_OF_IMAGE = Buffer.from([0xff, 0xd9])
export const START_OF_SCAN = Buffer.from([0xff, 0xda])

const SOF0 = 0xc0
const SOF2 = 0xc2
const DHT = 0xc4
const JPG = 0xc8
const ARITHMETIC_FROM = 0xc9
const DAC = 0xcc
const SOF15 = 0xcf
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const TEM = 0x01
const RST0 = 0xd0
const RST7 = 0xd7

/** Markers, and bytes that fill the place before one, that are looked at until the picture begins: cameras have a dozen. */
const MOST_STEPS = 10_000

/** Whether the bytes begin as a JPEG does: start of image, then the next marker. */
export function startsJpeg(bytes: Buffer): boolean {
  return bytes.length >= 3 && bytes[0] === 0xff && bytes[1] === SOI && bytes[2] === 0xff
}

/** Whether the bytes before `end` end as a JPEG does: with the end of image. */
export function endsJpeg(bytes: Buffer, end = bytes.length): boolean {
  return end >= 4 && bytes[end - 2] === 0xff && bytes[end - 1] === EOI
}

/**
 * Reads size and kind from a JPEG's first frame header (ITU-T T.81, annex B). Markers are walked the way libjpeg walks
 * them (bytes before a marker are skipped), so that a decoder behind this check sees the very same header.
 * Cheap: no picture data is read, nothing beyond the Buffer, and at most 10,000 markers.
 *
 * Throws `NETGEAR_NOT_JPEG` when it does not begin as one, `NETGEAR_JPEG_TRUNCATED` when it ends before the frame header
 * does, `NETGEAR_JPEG_BROKEN` when the header is malformed, and `NETGEAR_JPEG_UNSUPPORTED` for kinds that the decoders
 * cannot read (arithmetic coding, lossless, hierarchical, 12 bits, 2 channels, height given later).
 */
export function readJpegHeader(jpeg: Buffer): JpegHeader {
  if (jpeg.length < 2 || jpeg[0] !== 0xff || jpeg[1] !== SOI) {
    const start = jpeg.subarray(0, 4).toString('hex')
    throw new NetgearError('NETGEAR_NOT_JPEG', `Not a JPEG: it begins with "${start}", a JPEG with "ffd8".`)
  }
  const { marker, at, length } = findSegment(jpeg, isStartOfFrameOrScan)
  if (marker === SOS) throw broken(`marker ffda at byte ${at - 2} comes before the frame header`)
  return readFrameHeader(jpeg, marker, at, length)
}

/**
 * Where a JPEG's picture data begins, which is behind its thumbnails: the place of its first scan's header, or the Buffer's length where
 * there is none.
 */
export function startOfPictureData(jpeg: Buffer): number {
  try {
    return findSegment(jpeg, (marker) => marker === SOS).at
  } catch {
    // What is no segment is no picture data either.
    return jpeg.length
  }
}

interface Segment {
  marker: number
  /** Where its length stands. */
  at: number
  length: number
}

/** The first segment that is wanted. Throws as `readJpegHeader` does where none comes. */
function findSegment(jpeg: Buffer, wanted: (marker: number) => boolean): Segment {
  let position = 2
  for (let steps = 0; steps <= MOST_STEPS; steps += 1) {
    position = jpeg.indexOf(0xff, position)
    if (position === -1) throw truncated(jpeg)
    for (; jpeg[position] === 0xff && steps <= MOST_STEPS; position += 1) steps += 1
    const marker = jpeg[position]
    if (marker === undefined) throw truncated(jpeg)
    const at = position + 1
    position = at
    if (marker === 0 || marker === TEM || (marker >= RST0 && marker <= RST7)) continue
    if (marker === SOI || marker === EOI) {
      throw broken(`marker ff${marker.toString(16)} at byte ${at - 2} comes before the frame header`)
    }
    if (at + 2 > jpeg.length) throw truncated(jpeg)
    const length = jpeg.readUInt16BE(at)
    if (length < 2) throw broken(`the segment at byte ${at - 2} has length ${length}`)
    if (wanted(marker)) return { marker, at, length }
    position = at + length
  }
  throw broken(`its picture does not begin within ${MOST_STEPS} markers`)
}

function isStartOfFrameOrScan(marker: number): boolean {
  return isStartOfFrame(marker) || marker === SOS
}

function isStartOfFrame(marker: number): boolean {
  return marker >= SOF0 && marker <= SOF15 && marker !== DHT && marker !== DAC
}

function readFrameHeader(jpeg: Buffer, marker: number, position: number, length: number): JpegHeader {
  if (marker > SOF2) {
    const kind =
      marker >= ARITHMETIC_FROM ? 'arithmetic coded' : marker === JPG ? 'extended' : 'lossless or hierarchical'
    throw unsupported(`it is ${kind}`)
  }
  if (position + 8 > jpeg.length) throw truncated(jpeg)
  const precision = jpeg.readUInt8(position + 2)
  const height = jpeg.readUInt16BE(position + 3)
  const width = jpeg.readUInt16BE(position + 5)
  const channels = jpeg.readUInt8(position + 7)
  if (precision !== 8) throw unsupported(`it has ${precision} bits per channel instead of 8`)
  if (channels !== 1 && channels !== 3 && channels !== 4) throw unsupported(`it has ${channels} channels`)
  if (length !== 8 + 3 * channels) throw broken(`its frame header has length ${length}`)
  if (width === 0) throw broken('its width is 0')
  if (height === 0) throw unsupported('its height is not in the header')
  if (position + length > jpeg.length) throw truncated(jpeg)
  return { width, height, channels, precision, progressive: marker === SOF2 }
}

function truncated(jpeg: Buffer): NetgearError {
  return new NetgearError('NETGEAR_JPEG_TRUNCATED', `The JPEG ends within its header, after ${jpeg.length} bytes.`)
}

function broken(what: string): NetgearError {
  return new NetgearError('NETGEAR_JPEG_BROKEN', `The JPEG is broken: ${what}.`)
}

function unsupported(what: string): NetgearError {
  const advice = 'Send baseline or progressive JPEGs with 8 bits and 1, 3 or 4 channels.'
  return new NetgearError('NETGEAR_JPEG_UNSUPPORTED', `This kind of JPEG cannot be read: ${what}. ${advice}`)
}
