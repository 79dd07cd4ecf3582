import { START_OF_IMAGE } from './jpeg-header'

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda

/** What the next byte is expected to be. */
type Expecting =
  | 'start'
  | 'start-code'
  | 'marker'
  | 'marker-code'
  | 'length-high'
  | 'length-low'
  | 'payload'
  | 'scan'
  | 'scan-code'

export interface MjpegSplitterOptions {
  /** Longest frame in bytes; a longer one is dropped. Default 64 MiB. */
  limit?: number
}

/**
 * Cuts a byte stream of JPEGs (ffmpeg's `-f mjpeg` or `image2pipe`, or `multipart/x-mixed-replace` from an HTTP camera)
 * into whole JPEGs, whatever the chunks. Marker segments are walked (ITU-T T.81, annex B), so a thumbnail inside a frame
 * does not end it; bytes between frames are skipped. Each byte is looked at once, and at most `limit` bytes are kept.
 */
export class MjpegSplitter {
  /** Frames that were begun and given up: longer than `limit`, or cut off by the next frame's start. */
  dropped = 0

  readonly #limit: number
  #expecting: Expecting = 'start'
  #segmentMarker = 0
  #segmentLeft = 0
  #scanSeen = false
  /** The frame's bytes from earlier chunks: the first `#heldLength` of `#held`. */
  #held: Buffer = Buffer.alloc(0)
  #heldLength = 0

  constructor(options: MjpegSplitterOptions = {}) {
    this.#limit = options.limit ?? 64 * 1024 * 1024
  }

  /** Whether the stream stands within a frame, so that the next chunk must continue it. */
  get withinFrame(): boolean {
    return this.#expecting !== 'start' && this.#expecting !== 'start-code'
  }

  /** Forgets a frame that has begun: the next chunk starts a new stream. `dropped` is kept. */
  reset(): void {
    this.#expecting = 'start'
    this.#held = Buffer.alloc(0)
    this.#heldLength = 0
  }

  /**
   * Takes the stream's next bytes; gives the frames that they complete, oldest first. A frame that lies in this one chunk
   * is a slice of it (its memory is shared); any other is a Buffer of its own. Never throws.
   */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = []
    let position = 0
    let frameStart = 0

    while (position < chunk.length) {
      switch (this.#expecting) {
        case 'start': {
          const found = chunk.indexOf(0xff, position)
          if (found === -1) return frames
          position = found + 1
          this.#expecting = 'start-code'
          break
        }
        case 'start-code': {
          const code = chunk[position]
          position++
          if (code === SOI) frameStart = this.#begin(position)
          else if (code !== 0xff) this.#expecting = 'start'
          break
        }
        case 'marker':
          if (chunk[position] === 0xff) {
            position++
            this.#expecting = 'marker-code'
          } else this.#giveUp()
          break
        case 'marker-code':
        case 'scan-code': {
          const code = chunk[position] ?? 0
          position++
          if (code === 0xff) break
          if (code === SOI) {
            this.#giveUp()
            frameStart = this.#begin(position)
          } else if (code === EOI) {
            if (this.#scanSeen) this.#finish(chunk, frameStart, position, frames)
            else this.#giveUp()
          } else if (hasNoSegment(code)) {
            this.#expecting = this.#expecting === 'scan-code' ? 'scan' : 'marker'
          } else if (code < 0xc0) {
            this.#giveUp()
          } else {
            this.#segmentMarker = code
            this.#expecting = 'length-high'
          }
          break
        }
        case 'length-high':
          this.#segmentLeft = (chunk[position] ?? 0) << 8
          position++
          this.#expecting = 'length-low'
          break
        case 'length-low':
          this.#segmentLeft += (chunk[position] ?? 0) - 2
          position++
          if (this.#segmentLeft < 0) this.#giveUp()
          else this.#expecting = 'payload'
          break
        case 'payload': {
          const skipped = Math.min(this.#segmentLeft, chunk.length - position)
          this.#segmentLeft -= skipped
          position += skipped
          if (this.#segmentLeft === 0) this.#endSegment()
          break
        }
        case 'scan':
          position = endOfEntropyData(chunk, position)
          if (position < chunk.length) {
            position++
            this.#expecting = 'scan-code'
          }
          break
      }
    }
    if (this.withinFrame) this.#hold(chunk.subarray(frameStart))
    return frames
  }

  /** Starts a frame whose start-of-image ends before `position`; gives where it starts in the chunk. */
  #begin(position: number): number {
    this.#expecting = 'marker'
    this.#scanSeen = false
    if (position >= START_OF_IMAGE.length) return position - START_OF_IMAGE.length
    // Its first byte came with the chunk before.
    this.#hold(START_OF_IMAGE)
    return position
  }

  #endSegment(): void {
    if (this.#segmentMarker === SOS) this.#scanSeen = true
    this.#expecting = this.#segmentMarker === SOS ? 'scan' : 'marker'
  }

  #finish(chunk: Buffer, start: number, end: number, frames: Buffer[]): void {
    this.#expecting = 'start'
    const length = this.#heldLength + end - start
    if (length > this.#limit) {
      this.#giveUp()
      return
    }
    if (this.#heldLength === 0) {
      frames.push(chunk.subarray(start, end))
      return
    }
    const frame = Buffer.allocUnsafeSlow(length)
    this.#held.copy(frame, 0, 0, this.#heldLength)
    chunk.copy(frame, this.#heldLength, start, end)
    this.#heldLength = 0
    frames.push(frame)
  }

  #giveUp(): void {
    if (this.#scanSeen) this.dropped++
    this.#scanSeen = false
    this.#heldLength = 0
    this.#expecting = 'start'
  }

  #hold(bytes: Buffer): void {
    const length = this.#heldLength + bytes.length
    if (length > this.#limit) {
      this.#scanSeen = true
      this.#giveUp()
      return
    }
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(2 * length, 65_536), this.#limit))
      this.#held.copy(larger, 0, 0, this.#heldLength)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#heldLength)
    this.#heldLength = length
  }
}

/** Stuffed zero, TEM and the restart markers stand alone. */
function hasNoSegment(code: number): boolean {
  return code <= 0x01 || (code >= 0xd0 && code <= 0xd7)
}

/** Where the first 0xff stands that may begin a marker, or is the chunk's last byte; else the chunk's length. */
function endOfEntropyData(chunk: Buffer, from: number): number {
  let found = chunk.indexOf(0xff, from)
  while (found !== -1) {
    const next = chunk[found + 1]
    if (next === undefined || !hasNoSegment(next)) return found
    found = chunk.indexOf(0xff, found + 2)
  }
  return chunk.length
}
