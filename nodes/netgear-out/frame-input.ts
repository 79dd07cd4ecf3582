import { Pacer } from '../../lib/link/pacer'
import { CONVERSIONS_PER_STREAM, toJpeg, toPixels } from '../../lib/video/codec'
import { identifyPictures, type PictureHints } from '../../lib/video/identify'
import { readJpegHeader, startsJpeg } from '../../lib/video/jpeg-header'
import { OrderedPool } from '../../lib/video/ordered-pool'
import type { Picture } from '../../lib/video/picture'
import { fits, pixelShape } from '../../lib/video/raw-picture'
import type { JsonText } from '../../lib/wire/json'
import type { PictureToEncode } from '../../lib/wire/picture'
import { asNetgearError } from '../link-runtime'
import { Completion } from './completion'
import { StreamChunks } from './stream-chunks'

interface Job {
  picture: Picture
  data: JsonText | undefined
  completion: Completion
}

export interface FrameInputOptions {
  encoding: 'jpeg' | 'raw'
  /** 1 to 100. */
  quality: number
  /** At most so many frames per second, the newest ones; 0: all. */
  maxFps: number
  /** How many messages' pictures may wait to be encoded; the newest win. */
  queue: number
  /** A frame was let go because a newer one was there, or because the node closes. */
  dropped(): void
  /** `burst`: the same object for all pictures of one message. */
  send(picture: PictureToEncode, data: JsonText | undefined, burst: object): void
  /** Tells the receivers that the stream ends. */
  end(): void
}

/** Makes of a message's property the pictures to send, encoded as the link wants them, off the event loop. */
export class FrameInput {
  readonly #options: FrameInputOptions
  readonly #chunks = new StreamChunks()
  readonly #pacer: Pacer<Job>
  readonly #pool: OrderedPool<Job, PictureToEncode>

  constructor(options: FrameInputOptions) {
    this.#options = options
    const drop = ({ completion }: Job) => {
      options.dropped()
      completion.end()
    }
    this.#pacer = new Pacer(options.maxFps, (job) => this.#pass(job), drop)
    this.#pool = new OrderedPool({
      concurrency: CONVERSIONS_PER_STREAM,
      waiting: options.queue,
      burst: ({ completion }) => completion,
      convert: ({ picture }) => this.#convert(picture),
      deliver: (picture, job) => this.#send(picture, job),
      dropped: drop,
      failed: (error, { completion }) => completion.end(asNetgearError(error)),
    })
  }

  /** Takes what a message brings; calls `done` exactly once, also when the frame is dropped in favour of a newer one. */
  take(value: unknown, hints: PictureHints, data: JsonText | undefined, done: (error?: Error) => void): void {
    const completion = new Completion(done)
    try {
      for (const picture of this.#picturesIn(value, hints, completion)) {
        this.#pacer.offer({ picture, data, completion: completion.begin() })
      }
      completion.end()
    } catch (error) {
      completion.end(asNetgearError(error))
    }
  }

  /** Ends the stream after all pictures that were taken before; calls `done` exactly once. */
  end(done: (error?: Error) => void): void {
    const end = () => {
      try {
        this.#options.end()
        done()
      } catch (error) {
        done(asNetgearError(error))
      }
    }
    this.#pacer.mark(() => this.#pool.mark(end))
  }

  /** Ends what is under way; every message that waits is done. */
  close(): void {
    this.#chunks.close()
    this.#pacer.close()
    this.#pool.close()
  }

  #picturesIn(value: unknown, hints: PictureHints, completion: Completion): Picture[] {
    if (isPixels(value, hints) || !this.#chunks.accepts(value)) return identifyPictures(value, hints)
    const frames = this.#chunks.push(value, completion.begin())
    return frames.map((data): Picture => ({ kind: 'jpeg', data, ...readJpegHeader(data) }))
  }

  #pass(job: Job): void {
    const travelling = this.#pool.idle ? this.#asItCame(job.picture) : undefined
    if (travelling) this.#send(travelling, job)
    else this.#pool.offer(job)
  }

  /** A picture that only travels: never decoded, encoded or copied. */
  #asItCame(picture: Picture): PictureToEncode | undefined {
    if (picture.kind !== 'jpeg' || this.#options.encoding !== 'jpeg') return undefined
    return { encoding: 'jpeg', body: picture.data }
  }

  async #convert(picture: Picture): Promise<PictureToEncode> {
    const travelling = this.#asItCame(picture)
    if (travelling) return travelling
    if (this.#options.encoding === 'jpeg') {
      const { data, channels } = await toJpeg(picture, this.#options.quality)
      return { encoding: 'jpeg', body: data, ...(channels === 1 && { colorspace: 'GRAY' as const }) }
    }
    const gray = picture.kind !== 'encoded' && picture.channels === 1
    const { data, width, height, channels } = await toPixels(picture, gray ? 'GRAY' : 'BGR')
    return { encoding: 'raw', body: data, dtype: 'uint8', shape: gray ? [height, width] : [height, width, channels] }
  }

  #send(picture: PictureToEncode, { data, completion }: Job): void {
    try {
      this.#options.send(picture, data, completion)
      completion.end()
    } catch (error) {
      completion.end(asNetgearError(error))
    }
  }
}

/** Whether the message says so, or gives a size that its bytes have exactly and that no piece of a JPEG would come with. */
function isPixels(value: unknown, hints: PictureHints): boolean {
  const { netgear } = hints
  if (typeof netgear === 'object' && netgear !== null && 'encoding' in netgear && netgear.encoding === 'raw')
    return true
  if (!Buffer.isBuffer(value) || startsJpeg(value)) return false
  const shape = pixelShape(hints, 'the message')
  return shape?.channels !== undefined && fits(value, shape)
}
