import type { Dialect } from '../wire/message'
import type { Pattern } from './options'
import type { StampedFrame } from './stamped-frame'

// A NetGear receiver leaves encryption behind after 12 s without a frame, a pair link's place is given away after 4 s of silence.
const SILENCE_MS = { pair: 3000, reqrep: 7000, pubsub: Number.POSITIVE_INFINITY }

/** Keeps the last frame of a stream, to be repeated where nothing else is sent, so that the other end does not give the link up. */
export class KeepAlive {
  readonly #silenceMs: number
  #last: StampedFrame | undefined
  #sentAt = 0
  #begun = false

  /** In imagezmq's dialect nothing is repeated: it has no word for it, so that a repeated frame would be a new one. */
  constructor(pattern: Pattern, dialect: Dialect) {
    this.#silenceMs = dialect === 'imagezmq' ? Number.POSITIVE_INFINITY : SILENCE_MS[pattern]
  }

  /** Whether a frame has left since the last end. */
  get begun(): boolean {
    return this.#begun
  }

  /** A frame was sent, or one was repeated. */
  sent(frame: StampedFrame): void {
    this.#begun = true
    this.#sentAt = performance.now()
    if (!frame.repeat) this.#last = frame
  }

  /** The stream has ended: its last frame says nothing any more. */
  ended(): void {
    this.#begun = false
    this.#last = undefined
  }

  /** That frame cannot be sent any more. */
  spoilt({ picture }: StampedFrame): void {
    if (picture === this.#last?.picture) this.#last = undefined
  }

  /** The frame to repeat now, if it is time. */
  due(): StampedFrame | undefined {
    if (!this.#last || performance.now() - this.#sentAt <= this.#silenceMs) return undefined
    return { ...this.#last, repeat: true }
  }
}
