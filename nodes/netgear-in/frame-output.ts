import type { Arrival } from '../../lib/link/receiving-link'
import { Sources, sourceKey } from '../../lib/link/source'
import { toJpeg, toPixels } from '../../lib/video/codec'
import { OrderedPool } from '../../lib/video/ordered-pool'
import type { PixelOrder } from '../../lib/video/picture'
import type { WireFrame } from '../../lib/wire/message'
import { type OutputPicture, pixelsOut, toPicture, untouched } from './frame-message'

const CONCURRENCY = 2
const JPEG_QUALITY = 90

interface Job {
  frame: WireFrame
  arrival: Arrival
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
  #output: 'jpeg' | 'raw' | 'asis' = 'jpeg'
  #order: PixelOrder = 'RGB'

  constructor(options: FrameOutputOptions) {
    this.#options = options
    this.#pools = new Sources(
      () =>
        new OrderedPool<Job, OutputPicture>({
          concurrency: CONCURRENCY,
          convert: ({ frame }) => this.#convert(frame),
          deliver: (picture, { frame, arrival }) => options.deliver(picture, frame, arrival),
          dropped: ({ arrival }) => options.dropped(arrival),
          failed: (error, { arrival }) => options.failed(error, arrival),
        }),
      (pool) => pool.close(),
    )
  }

  configure(output: 'jpeg' | 'raw' | 'asis', order: PixelOrder): void {
    this.#output = output
    this.#order = order
  }

  offer(frame: WireFrame, arrival: Arrival): void {
    if (this.#output === 'asis' || (this.#output === frame.encoding && frame.encoding === 'jpeg')) {
      this.#options.deliver(untouched(frame), frame, arrival)
    } else this.#pools.kept(sourceKey(frame)).offer({ frame, arrival })
  }

  close(): void {
    this.#pools.close()
  }

  async #convert(frame: WireFrame): Promise<OutputPicture> {
    const picture = toPicture(frame)
    if (this.#output === 'raw') return pixelsOut(await toPixels(picture, this.#order))
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
