import type { LimitsToSet } from './limits'
import type { LinkEvent } from './link-events'
import type { LinkSecurity, Mode } from './security'

export type Pattern = 'pair' | 'reqrep' | 'pubsub'

/** Where and how a receiver or a sender reaches the other end. */
export interface EndOptions {
  pattern: Pattern
  mode: Mode
  protocol: 'tcp' | 'ipc'
  /** Host or IP address; "*" to bind all interfaces; for ipc a path. */
  address: string
  /** Each port is a link of its own. */
  ports: readonly number[]
  security: LinkSecurity
  /** Those that shall differ from the defaults. */
  limits?: LimitsToSet
  onEvent?(event: LinkEvent): void
  /** The state or the number of peers may have changed. */
  onChange?(): void
}
