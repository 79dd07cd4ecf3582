import { NetgearError } from '../wire/error'

/** Reading so little takes well below a millisecond. */
const SMALL_BYTES = 16 * 1024
/** The share of the event loop's time that large headers may take. */
const SHARE = 0.25
/** So long a reading may be ahead of its share. */
const CREDIT_MS = 100

/**
 * Keeps the large headers of one link from taking the event loop from all others: reading one of a megabyte takes up to a tenth of a
 * second. Small ones are always read.
 */
export class ReadingBudget {
  #debtMs = 0
  #at = performance.now()

  /** Reads a header of that many bytes within the budget, and gives what `read` does; throws `refusal` where none is left. */
  read<Result>(bytes: number, refusal: (bytes: number) => NetgearError, read: () => Result): Result {
    if (!this.allows(bytes)) throw refusal(bytes)
    const start = performance.now()
    try {
      return read()
    } finally {
      this.spent(bytes, performance.now() - start)
    }
  }

  /** Whether a header of that many bytes may be read now. */
  allows(bytes: number): boolean {
    if (bytes <= SMALL_BYTES) return true
    const now = performance.now()
    this.#debtMs = Math.max(0, this.#debtMs - (now - this.#at) * SHARE)
    this.#at = now
    return this.#debtMs < CREDIT_MS
  }

  /** Notes how long reading a header of that many bytes took. */
  spent(bytes: number, ms: number): void {
    if (bytes > SMALL_BYTES) this.#debtMs += ms
  }
}

/** Why a frame with a header of that many bytes is skipped. */
export function tooMuchData(headerBytes: number): NetgearError {
  return new NetgearError(
    'NETGEAR_TOO_MUCH_DATA',
    `Frames come with headers of ${headerBytes} bytes, faster than these can be read beside all other work: send less data with each frame, or fewer frames.`,
  )
}
