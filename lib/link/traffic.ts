import type { NetgearError } from '../wire/error'
import { describeEndpoint, type Endpoint } from './endpoint'
import type { LinkEventListener, LinkStats } from './link-events'
import { Meter } from './meter'
import { Tally } from './tally'

const REPORT_MS = 1000

/** What crosses one link, counted; and what does not, counted and told at most once a second. */
export class Traffic {
  readonly meter = new Meter()
  readonly #invalid: Tally<NetgearError>
  readonly #dropped: Tally<undefined>

  /** `whyDropped`: what a user reads of frames let go. */
  constructor(endpoint: Endpoint, whyDropped: string, onEvent: LinkEventListener) {
    const where = { endpoint: describeEndpoint(endpoint), port: endpoint.port }
    this.#invalid = new Tally(({ code, message }, count) => {
      onEvent({ event: 'invalid', ...where, code, reason: message, count })
    }, REPORT_MS)
    this.#dropped = new Tally((_, count) => {
      onEvent({ event: 'dropped', ...where, reason: whyDropped, count })
    }, REPORT_MS)
  }

  /** A frame was let go in favour of a newer one. */
  dropped(): void {
    this.meter.dropped += 1
    this.#dropped.add('', undefined)
  }

  /** A message came that cannot be used. */
  invalid(error: NetgearError): void {
    this.meter.invalid += 1
    this.#invalid.add(error.code, error)
  }

  /** The figures as they stand now. */
  stats(peers: number): LinkStats {
    const { frames, bytes, dropped, lost, invalid } = this.meter
    const latency = this.meter.latencyPercentiles()
    return { frames, bytes, ...this.meter.rate(), dropped, lost, invalid, ...(latency && { latency }), peers }
  }

  /** Nothing is told any more. */
  close(): void {
    this.#invalid.close()
    this.#dropped.close()
  }
}
