import { encodedFormat } from '../../lib/video/encoded-format'
import { endsJpeg, startsJpeg } from '../../lib/video/jpeg-header'
import { MjpegSplitter } from '../../lib/video/mjpeg-splitter'
import { isOneWholeJpeg, looksLikeStreamChunk } from '../../lib/video/whole-jpeg'
import { NetgearError } from '../../lib/wire/error'
import type { Completion } from './completion'

const UNFINISHED_MS = 2000
/** Two pictures in fewer than so many times the bytes of a single one: one of them would be smaller by a quarter, from one to the next. */
const SURELY_ONE = 1.5
/** So many pictures in a row are taken for one for their size: where two came joined of a sudden, that ends within a second. */
const UNSEARCHED = 15
/** How texts begin that are a picture of their own: a data URL, or base64 of a JPEG, PNG, WebP or GIF. */
const PICTURE_TEXT = /^\s*(data:image\/|\/9j\/|iVBORw0KGgo|UklGR|R0lGOD)/i

/**
 * Cuts a byte stream that comes in messages, such as ffmpeg's MJPEG through the exec node, into JPEGs. A message's completion ends
 * when its last byte has become part of a frame, or with an error when the frame that it began never ends.
 */
export class StreamChunks {
  readonly #splitter = new MjpegSplitter()
  #open: Completion[] = []
  #timer: NodeJS.Timeout | undefined
  /** Of the last picture that was looked through and found to be one. */
  #pictureBytes = 0
  #unsearched = 0

  /** Whether a value is the next piece of the stream, or the first of a new one; a JPEG that is whole need not be cut. */
  accepts(value: unknown): value is Buffer | string {
    if (this.#splitter.withinFrame && isOtherPicture(value)) this.#giveUp()
    // The exec node turns a piece that happens to be valid UTF-8 into text.
    if (this.#splitter.withinFrame) return Buffer.isBuffer(value) || typeof value === 'string'
    if (!Buffer.isBuffer(value)) return false
    return startsJpeg(value) ? !this.#isOneWhole(value) : looksLikeStreamChunk(value)
  }

  /** Takes the stream's next piece and gives the frames that it completes. */
  push(chunk: Buffer | string, completion: Completion): Buffer[] {
    if (this.#splitter.withinFrame && isWholePicture(chunk)) this.#giveUp()
    const { dropped } = this.#splitter
    const frames = this.#splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    if (this.#splitter.dropped > dropped) this.#endOpen(unfinished())
    if (frames.length > 0 || !this.#splitter.withinFrame) this.#endOpen()
    clearTimeout(this.#timer)
    if (this.#splitter.withinFrame) {
      this.#open.push(completion)
      this.#timer = setTimeout(() => this.#giveUp(), UNFINISHED_MS)
    } else completion.end()
    return frames
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#splitter.reset()
    this.#endOpen()
  }

  /** Looking through each picture of a camera would take as long as all else that is done with it here. */
  #isOneWhole(jpeg: Buffer): boolean {
    const { length } = jpeg
    const surelyOne = length >= this.#pictureBytes && length < SURELY_ONE * this.#pictureBytes && endsJpeg(jpeg)
    if (surelyOne && this.#unsearched < UNSEARCHED) {
      this.#unsearched += 1
      return true
    }
    const whole = isOneWholeJpeg(jpeg)
    this.#pictureBytes = whole ? length : 0
    this.#unsearched = 0
    return whole
  }

  #giveUp(): void {
    this.#splitter.reset()
    this.#endOpen(unfinished())
  }

  #endOpen(error?: NetgearError): void {
    const open = this.#open
    this.#open = []
    for (const completion of open) completion.end(error)
  }
}

/** What begins a picture that is no JPEG, or is text of one, cannot be the next piece of a JPEG: that was cut off. */
function isOtherPicture(value: unknown): boolean {
  if (typeof value === 'string') return PICTURE_TEXT.test(value)
  return Buffer.isBuffer(value) && encodedFormat(value) !== undefined
}

/** A whole JPEG cannot be the next piece of another: that was cut off, perhaps where any bytes may follow. */
function isWholePicture(chunk: Buffer | string): boolean {
  return Buffer.isBuffer(chunk) && startsJpeg(chunk) && !looksLikeStreamChunk(chunk)
}

function unfinished(): NetgearError {
  return new NetgearError(
    'NETGEAR_JPEG_TRUNCATED',
    `A JPEG began and did not end: its rest did not come within ${UNFINISHED_MS / 1000} s, or the next one began before.`,
  )
}
