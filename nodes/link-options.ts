/** The saved properties that `netgear-in` and `netgear-out` have in common. Numbers and booleans from `${ENV}` arrive as text. */
export interface LinkOptions {
  name: string
  security: 'grassland' | 'stonehouse' | 'ironhouse'
  /** Id of a `netgear-keys` node; empty for grassland. */
  keys: string
  pattern: 'pair' | 'reqrep' | 'pubsub'
  mode: 'bind' | 'connect'
  protocol: 'tcp' | 'ipc'
  address: string
  port: string
  peer: string
  maxFps: number | string
  bidirectional: boolean | string
  events: boolean | string
}
