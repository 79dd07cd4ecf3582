import { type Answer, decodeAnswer } from '../wire/answer'
import { asInvalid, NetgearError } from '../wire/error'
import type { WireLimits } from '../wire/message'
import type { InFlight } from './in-flight'
import type { Pattern } from './options'
import { ReadingBudget } from './reading-budget'
import { openAnswer } from './sending-socket'
import type { Traffic } from './traffic'

export interface AnswersOptions {
  pattern: Pattern
  limits: WireLimits
  inFlight: InFlight
  traffic: Traffic
  onAnswer(answer: Answer): void
}

/** Reads what comes back over one lock-step link: only answers that are owed, and large ones for a share of the time. */
export class Answers {
  readonly #options: AnswersOptions
  readonly #budget = new ReadingBudget()

  constructor(options: AnswersOptions) {
    this.#options = options
  }

  /** Takes a message as it came from the socket; one that cannot be used is counted and told. */
  take(message: Buffer[]): void {
    const { pattern, limits, inFlight, traffic, onAnswer } = this.#options
    const { id, parts } = openAnswer(pattern, message)
    const { owed, roundTrip } = inFlight.answered(id)
    if (roundTrip !== undefined) traffic.meter.latency(roundTrip)
    try {
      if (!owed) throw UNASKED
      onAnswer(this.#budget.read(parts[0]?.length ?? 0, tooMuchData, () => decodeAnswer(parts, limits)))
    } catch (error) {
      traffic.invalid(asInvalid(error))
    }
  }
}

const UNASKED = new NetgearError(
  'NETGEAR_ANSWER_INVALID',
  'An answer came though no frame waited for one. No NetGear receiver does that: look for the peer that does.',
)

function tooMuchData(bytes: number): NetgearError {
  return new NetgearError(
    'NETGEAR_TOO_MUCH_DATA',
    `Answers come with ${bytes} bytes of data, faster than these can be read beside all other work: let the receiver send back less.`,
  )
}
