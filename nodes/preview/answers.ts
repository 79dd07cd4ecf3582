import type { LinkState, LinkStats, PeerIdentity } from '../../lib/link/link-events'

/** What the admin side tells the editor of one running link. */
export interface LinkFigures {
  id: string
  /** The node's id in the editor: inside a subflow, that of the node in the subflow's template. */
  editorId: string
  type: string
  name: string
  port: string
  pattern: string
  security: string
  state: LinkState['state']
  /** Why the state is `failed` or `refused`. */
  reason?: string
  /** Absent while there is no link. */
  stats?: LinkStats
  /** Each port's own, where there are several. */
  ports?: (Pick<LinkStats, 'peers' | 'fps'> & { port: number })[]
  /** The newest frame; absent while there was none. `age` in ms. */
  frame?: { encoding: 'jpeg' | 'raw'; bytes: number; width?: number; height?: number; age: number }
  /** Who is at the other end; more than `stats.peers` where it is not known which of them has left. */
  peers: (PeerIdentity & { port?: number })[]
  /** The last ones, the newest first; `at` in ms since 1970. */
  events: ({ at: number; event: string } & Record<string, unknown>)[]
}

/** An address under which other machines may reach this one. */
export interface LanAddress {
  address: string
  family: 'IPv4' | 'IPv6' | 'name'
  /** The network card; absent for the machine's name. */
  network?: string
}
