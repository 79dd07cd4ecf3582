import { decodeMessage, type WireEnd, type WireFrame, type WireLimits } from '../wire/message'
import { ReadingBudget, tooMuchData } from './reading-budget'

/** Reads the messages of one link, within its limits and its share of the event loop's time. */
export class MessageReader {
  readonly #limits: WireLimits
  readonly #checkFrame: ((frame: WireFrame) => void) | undefined
  readonly #budget = new ReadingBudget()

  /** `checkFrame` throws a `NetgearError` for a frame that counts as unreadable. */
  constructor(limits: WireLimits, checkFrame?: (frame: WireFrame) => void) {
    this.#limits = limits
    this.#checkFrame = checkFrame
  }

  /** @throws {NetgearError} the codes of `decodeMessage`, `NETGEAR_TOO_MUCH_DATA`, and those of `checkFrame`. */
  read(parts: readonly Buffer[]): WireFrame | WireEnd {
    return this.#budget.read(parts[0]?.length ?? 0, tooMuchData, () => {
      const decoded = decodeMessage(parts, this.#limits)
      if (decoded.kind === 'frame') this.#checkFrame?.(decoded)
      return decoded
    })
  }
}
