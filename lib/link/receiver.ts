import type { NetgearError } from '../wire/error'
import type { WireEnd, WireFrame } from '../wire/message'
import { checkAddress, type Endpoint } from './endpoint'
import { overallState, sumStats } from './figures'
import { readLinkLimits } from './limits'
import type { LinkState, LinkStats } from './link-events'
import type { EndOptions } from './options'
import { type Arrival, ReceivingLink } from './receiving-link'
import type { Returned } from './returned'
import { shielded } from './shielded'

export interface ReceiverOptions extends EndOptions {
  /** At most so many frames per second from each sender, the newest ones; 0 or absent: all. */
  maxFps?: number
  /** Looks at a frame before it is counted; throws a `NetgearError` to have it counted and reported as invalid instead. */
  checkFrame?(frame: WireFrame): void
  /** Called for each frame; must not throw. The frame's body belongs to the callee, but must not be written to. */
  onFrame(frame: WireFrame, arrival: Arrival): void
  /** A sender has said that its stream ends. The receiver goes on. */
  onEnd?(end: WireEnd, arrival: Arrival): void
}

/** Receives frames on one or several ports, each a link of its own. Never gives up: links are opened anew until `close`. */
export class Receiver {
  readonly #links: readonly ReceivingLink[]

  /** Throws a `NetgearError` for options that cannot work; everything that happens later is told by events. */
  constructor(options: ReceiverOptions) {
    const { mode, protocol, address, ports, maxFps = 0 } = options
    const limits = readLinkLimits(options.limits)
    const endpoints = ports.map((port): Endpoint => ({ protocol, address, port }))
    for (const endpoint of endpoints) checkAddress(endpoint, mode)
    this.#links = endpoints.map((endpoint) => new ReceivingLink({ ...shielded(options), limits, maxFps, endpoint }))
  }

  get state(): LinkState {
    return overallState(this.#links.map(({ state }) => state))
  }

  /** The figures of all links together. */
  stats(): LinkStats {
    return sumStats(this.#links.map((link) => link.stats()))
  }

  /** The figures of each link, by its port. */
  statsByPort(): Map<number, LinkStats> {
    return new Map(this.#links.map((link) => [link.port, link.stats()]))
  }

  /** Sets what goes back with every further answer in the lock-step patterns; undefined: nothing. */
  answerWith(returned: Returned | undefined): void {
    for (const link of this.#links) link.returned = returned
  }

  /** Counts a frame of that port that the caller let go in favour of a newer one. */
  letGo(port: number): void {
    this.#links.find((link) => link.port === port)?.letGo()
  }

  /** Counts and reports a frame of that port that turned out to be unusable later. */
  reject(port: number, error: NetgearError): void {
    this.#links.find((link) => link.port === port)?.reject(error)
  }

  /** Cuts every peer off; each is asked again who it is. */
  renew(): void {
    for (const link of this.#links) link.renew()
  }

  /** Resolves when every port is free again. */
  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()))
  }
}
