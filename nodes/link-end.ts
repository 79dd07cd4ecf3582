import type { LinkState, LinkStats } from '../lib/link/link-events'

/** A receiver or a sender, as far as its node's running has to know it. */
export interface LinkEnd {
  readonly state: LinkState
  stats(): LinkStats
  statsByPort(): Map<number, LinkStats>
  close(): Promise<void>
}
