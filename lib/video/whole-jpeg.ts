import { END_OF_IMAGE, endsJpeg, START_OF_IMAGE, START_OF_SCAN, startOfPictureData, startsJpeg } from './jpeg-header'
import { MjpegSplitter } from './mjpeg-splitter'

/** Padding that cameras and multipart decoders leave after a JPEG: zeros and line ends. */
const PADDING = new Set([0x00, 0x0a, 0x0d])

/**
 * Whether a JPEG's end of image is there, whatever comes behind it. Picture data holds no end but its own, so it is searched for and not
 * walked to: a peer can make 64 MiB of markers, which to walk would take seconds.
 */
export function isWholeJpeg(jpeg: Buffer): boolean {
  return endsJpeg(jpeg) || jpeg.lastIndexOf(END_OF_IMAGE) > startOfPictureData(jpeg)
}

/**
 * Whether a Buffer is a piece of a stream of JPEGs rather than one picture: it begins as a JPEG and stops before its end
 * or holds more after it, or it begins with the head of a multipart part. A piece from the middle of a frame cannot be
 * told: whoever feeds a splitter must look at its `withinFrame` first.
 */
export function looksLikeStreamChunk(bytes: Buffer): boolean {
  if (!startsJpeg(bytes))
    return /^(\r?\n)?--[^\r\n]{1,200}\r?\n(.+\r?\n)*?content-type: *image\/jpeg/i.test(head(bytes))
  if (holdsOnePicture(bytes, withoutPadding(bytes))) return false
  const frame = firstFrame(bytes)
  return frame === undefined || bytes.subarray(frame.length).some((byte) => !PADDING.has(byte))
}

/**
 * Whether a Buffer is one whole JPEG and no byte more, with no thumbnail in it. Cheap, as it is searched and not walked; a JPEG that was
 * cut off with a whole one behind it is taken for one.
 */
export function isOneWholeJpeg(bytes: Buffer): boolean {
  return startsJpeg(bytes) && holdsOnePicture(bytes, bytes.length)
}

function withoutPadding(bytes: Buffer): number {
  let end = bytes.length
  while (end > 0 && PADDING.has(bytes[end - 1] ?? 0)) end--
  return end
}

/**
 * Whether the first end of an image stands before `end`, and no thumbnail before the scan: picture data holds no end but its own.
 * Searched from behind, which goes by the marker's second byte: the first stands in picture data three times as often.
 */
function holdsOnePicture(bytes: Buffer, end: number): boolean {
  if (!endsJpeg(bytes, end) || bytes.lastIndexOf(END_OF_IMAGE, end - 3) !== -1) return false
  const scan = bytes.indexOf(START_OF_SCAN)
  return scan !== -1 && bytes.subarray(0, scan).lastIndexOf(START_OF_IMAGE) === 0
}

function head(bytes: Buffer): string {
  return bytes.subarray(0, 1024).toString('latin1')
}

function firstFrame(bytes: Buffer): Buffer | undefined {
  const frame = new MjpegSplitter({ limit: bytes.length }).push(bytes)[0]
  return frame?.byteOffset === bytes.byteOffset ? frame : undefined
}
