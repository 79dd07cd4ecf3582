import { startsJpeg } from './jpeg-header'
import { MjpegSplitter } from './mjpeg-splitter'

/** Padding that cameras and multipart decoders leave after a JPEG: zeros and line ends. */
const PADDING = new Set([0x00, 0x0a, 0x0d])

/**
 * Whether a JPEG's end of image is there. The usual case looks at the last bytes only; with anything but padding after
 * the end, the whole JPEG is walked.
 */
export function isWholeJpeg(jpeg: Buffer): boolean {
  let end = jpeg.length
  while (end > 0 && PADDING.has(jpeg[end - 1] ?? 0)) end--
  if (end >= 4 && jpeg[end - 2] === 0xff && jpeg[end - 1] === 0xd9) return true
  return firstFrame(jpeg) !== undefined
}

/**
 * Whether a Buffer is a piece of a stream of JPEGs rather than one picture: it begins as a JPEG and stops before its end
 * or holds more after it, or it begins with the head of a multipart part. A piece from the middle of a frame cannot be
 * told: whoever feeds a splitter must look at its `withinFrame` first.
 */
export function looksLikeStreamChunk(bytes: Buffer): boolean {
  if (!startsJpeg(bytes))
    return /^(\r?\n)?--[^\r\n]{1,200}\r?\n(.+\r?\n)*?content-type: *image\/jpeg/i.test(head(bytes))
  const frame = firstFrame(bytes)
  return frame === undefined || bytes.subarray(frame.length).some((byte) => !PADDING.has(byte))
}

function head(bytes: Buffer): string {
  return bytes.subarray(0, 1024).toString('latin1')
}

function firstFrame(bytes: Buffer): Buffer | undefined {
  const frame = new MjpegSplitter({ limit: bytes.length }).push(bytes)[0]
  return frame?.byteOffset === bytes.byteOffset ? frame : undefined
}
