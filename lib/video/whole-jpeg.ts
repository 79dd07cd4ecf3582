import { START_OF_IMAGE, START_OF_SCAN, startsJpeg } from './jpeg-header'
import { MjpegSplitter } from './mjpeg-splitter'

/** Padding that cameras and multipart decoders leave after a JPEG: zeros and line ends. */
const PADDING = new Set([0x00, 0x0a, 0x0d])

/**
 * Whether a JPEG's end of image is there. The usual case looks at the last bytes only; with anything but padding after
 * the end, the whole JPEG is walked.
 */
export function isWholeJpeg(jpeg: Buffer): boolean {
  return endsJpeg(jpeg) || firstFrame(jpeg) !== undefined
}

/**
 * Whether a Buffer is a piece of a stream of JPEGs rather than one picture: it begins as a JPEG and stops before its end
 * or holds more after it, or it begins with the head of a multipart part. A piece from the middle of a frame cannot be
 * told: whoever feeds a splitter must look at its `withinFrame` first.
 */
export function looksLikeStreamChunk(bytes: Buffer): boolean {
  if (!startsJpeg(bytes))
    return /^(\r?\n)?--[^\r\n]{1,200}\r?\n(.+\r?\n)*?content-type: *image\/jpeg/i.test(head(bytes))
  if (endsJpeg(bytes) && holdsOneScannedPicture(bytes)) return false
  const frame = firstFrame(bytes)
  return frame === undefined || bytes.subarray(frame.length).some((byte) => !PADDING.has(byte))
}

function endsJpeg(bytes: Buffer): boolean {
  let end = bytes.length
  while (end > 0 && PADDING.has(bytes[end - 1] ?? 0)) end--
  return end >= 4 && bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9
}

/** Nothing in picture data looks like a start of image, so this is sooner told than by walking. A thumbnail does, or a next picture. */
function holdsOneScannedPicture(bytes: Buffer): boolean {
  return bytes.indexOf(START_OF_IMAGE, 2) === -1 && bytes.includes(START_OF_SCAN)
}

function head(bytes: Buffer): string {
  return bytes.subarray(0, 1024).toString('latin1')
}

function firstFrame(bytes: Buffer): Buffer | undefined {
  const frame = new MjpegSplitter({ limit: bytes.length }).push(bytes)[0]
  return frame?.byteOffset === bytes.byteOffset ? frame : undefined
}
