import type { Socket } from 'zeromq'
import type { Endpoint, FoundAddress } from './endpoint'
import type { LinkLimits } from './limits'
import type { LinkEvent } from './link-events'
import type { LinkSecurity, Mode } from './security'
import type { BaseSocketOptions } from './socket-options'

/** What one link is, and who uses its sockets. */
export interface LinkSpec<S extends Socket> {
  endpoint: Endpoint
  mode: Mode
  pattern: string
  security: LinkSecurity
  /** Only one peer can be at the other end. */
  exclusive: boolean
  limits: LinkLimits
  create(options: BaseSocketOptions): S
  /** Where a connecting link really connects to; absent: to its endpoint. */
  nearEnd?(): Promise<FoundAddress>
  /** Uses a freshly opened socket until it is closed; if it ends before, also with an error, it is called again with the next one. */
  serve(socket: S): Promise<void>
  onEvent(event: LinkEvent): void
  /** Called after every change of `state` and `peers`. */
  onChange?(): void
}
