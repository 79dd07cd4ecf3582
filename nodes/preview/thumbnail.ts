import type { PictureToEncode } from '../../lib/wire/picture'
import { shrinkToJpeg } from './shrink'

/** No more than ten pictures per second and node, however many look at it. */
const INTERVAL_MS = 100
/** After each conversion, so many times its own length nothing is converted: previews get a quarter of one core at most. */
const REST = 3
const LONGEST_REST_MS = 1000

interface Made {
  picture: PictureToEncode | undefined
  /** When it was asked for, then when its conversion began. */
  at: number
  finished: boolean
  jpeg: Promise<Buffer | undefined>
}

let lastConversion: Promise<unknown> = Promise.resolve()

/** The small picture of one link, made on demand from the newest frame and shared by all who ask. */
export class Thumbnail {
  readonly #newest: () => PictureToEncode | undefined
  #made: Made | undefined

  constructor(newest: () => PictureToEncode | undefined) {
    this.#newest = newest
  }

  /** Undefined while there is no frame. Rejects with a `NetgearError` for a frame that cannot be shown. */
  newest(): Promise<Buffer | undefined> {
    const made = this.#made
    const fresh = made && performance.now() - made.at < INTERVAL_MS
    if (made && (!made.finished || fresh || made.picture === this.#newest())) return made.jpeg
    return this.#make()
  }

  forget(): void {
    this.#made = undefined
  }

  #make(): Promise<Buffer | undefined> {
    const made: Made = {
      picture: undefined,
      at: performance.now(),
      finished: false,
      jpeg: inTurn(async () => {
        const picture = this.#newest()
        made.picture = picture
        made.at = performance.now()
        return picture && shrinkToJpeg(picture)
      }).finally(() => {
        made.finished = true
      }),
    }
    this.#made = made
    return made.jpeg
  }
}

/** Runs the conversions of all links one after the other, with rests between them. */
function inTurn<Result>(convert: () => Promise<Result>): Promise<Result> {
  let took = 0
  const conversion = lastConversion.then(async () => {
    const start = performance.now()
    return convert().finally(() => {
      took = performance.now() - start
    })
  })
  lastConversion = conversion.catch(() => undefined).then(() => rest(Math.min(took * REST, LONGEST_REST_MS)))
  return conversion
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
