import { DEFAULT_LINK_LIMITS, type LinkLimits, wireLimits } from '../../lib/link/limits'
import type { Arrival } from '../../lib/link/receiving-link'
import { Sources, sourceKey } from '../../lib/link/source'
import { CONVERSIONS_PER_STREAM, takesLong, toJpeg, toPixels } from '../../lib/video/codec'
import { OrderedPool } from '../../lib/video/ordered-pool'
import type { JpegPicture, PixelOrder, RawPicture } from '../../lib/video/picture'
import { Turnstile } from '../../lib/video/turnstile'
import type { WireEnd, WireFrame } from '../../lib/wire/message'
import { type OutputPicture, pixelsOut, toPicture, untouched } from './frame-message'

/** Of all senders together. */
const DECODERS = 2
/** Of each sender. With one, frames that come a little unevenly would be let go while the decoder could just have taken them. */
const WAITING = 2
/** As many of the largest frames as may wait or be converted at once, of all senders together. */
const LARGEST_FRAMES_HELD = 4
const JPEG_QUALITY = 90

interface Job {
  frame: WireFrame
  arrival: Arrival
  heldBytes: number
}

export interface FrameOutputOptions {
  deliver(picture: OutputPicture, frame: WireFrame, arrival: Arrival): void
  /** A frame was let go because a newer one of its sender was there, or because the node closes. */
  dropped(arrival: Arrival): void
  failed(error: unknown, arrival: Arrival): void
}

/** Brings frames into the form that the node gives out; decodes and encodes off the event loop, the newest frame of each sender. */
export class FrameOutput {
  readonly #options: FrameOutputOptions
  readonly #pools: Sources<OrderedPool<Job, OutputPicture>>
  readonly #turnstile = new Turnstile<object>(DECODERS)
  #output: 'jpeg' | 'raw' | 'asis' = 'jpeg'
  #order: PixelOrder = 'RGB'
  #limits = wireLimits(DEFAULT_LINK_LIMITS)
  #heldBytes = 0

  constructor(options: FrameOutputOptions) {
    this.#options = options
    this.#pools = new Sources(
      () => this.#createPool(),
      (pool) => {
        this.#turnstile.leave(pool)
        pool.close()
      },
    )
  }

  configure(output: 'jpeg' | 'raw' | 'asis', order: PixelOrder, limits: LinkLimits): void {
    this.#output = output
    this.#order = order
    this.#limits = wireLimits(limits)
  }

  offer(frame: WireFrame, arrival: Arrival): void {
    if (this.#leavesAsItCame(frame) && this.#idle(frame)) {
      this.#options.deliver(untouched(frame), frame, arrival)
      return
    }
    const heldBytes = frame.body.length
    if (this.#heldBytes + heldBytes > LARGEST_FRAMES_HELD * this.#limits.frameBytes) {
      this.#options.dropped(arrival)
      return
    }
    this.#heldBytes += heldBytes
    this.#pools.kept(sourceKey(frame)).offer({ frame, arrival, heldBytes })
  }

  /** Calls back when the frames of that sender which came before have left. */
  afterFramesOf(message: WireEnd, call: () => void): void {
    if (this.#idle(message)) call()
    else this.#pools.kept(sourceKey(message)).mark(call)
  }

  close(): void {
    this.#pools.close()
  }

  #leavesAsItCame(frame: WireFrame): boolean {
    return this.#output === 'asis' || (this.#output === 'jpeg' && frame.encoding === 'jpeg')
  }

  /** Whether no frame of that sender is at work or waits. */
  #idle(message: WireFrame | WireEnd): boolean {
    return this.#heldBytes === 0 || this.#pools.kept(sourceKey(message)).idle
  }

  /** The senders share the decoders: whoever claims to be many gets no more of them. */
  #createPool(): OrderedPool<Job, OutputPicture> {
    const { deliver, dropped, failed } = this.#options
    const pool: OrderedPool<Job, OutputPicture> = new OrderedPool({
      concurrency: CONVERSIONS_PER_STREAM,
      waiting: WAITING,
      overflowDrops: 'others',
      convert: async ({ frame }) => {
        if (this.#leavesAsItCame(frame)) return untouched(frame)
        const picture = toPicture(frame)
        return this.#turnstile.run(pool, takesLong(picture), () => this.#convert(picture))
      },
      deliver: (picture, job) => {
        this.#release(job)
        deliver(picture, job.frame, job.arrival)
      },
      dropped: (job) => {
        this.#release(job)
        dropped(job.arrival)
      },
      failed: (error, job) => {
        this.#release(job)
        failed(error, job.arrival)
      },
    })
    return pool
  }

  #release(job: Job): void {
    this.#heldBytes -= job.heldBytes
    job.heldBytes = 0
  }

  async #convert(picture: JpegPicture | RawPicture): Promise<OutputPicture> {
    if (this.#output === 'raw') return pixelsOut(await toPixels(picture, this.#order, this.#limits))
    const { data, width, height, channels } = await toJpeg(picture, JPEG_QUALITY)
    return {
      payload: data,
      encoding: 'jpeg',
      width,
      height,
      channels,
      dtype: 'uint8',
      colorspace: channels === 1 ? 'GRAY' : 'BGR',
    }
  }
}
