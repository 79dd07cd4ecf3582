import type { Answer } from '../wire/answer'
import type { Dialect } from '../wire/message'
import type { Endpoint } from './endpoint'
import type { LinkLimits } from './limits'
import type { EndOptions } from './options'
import type { SshTunnelOptions } from './ssh-tunnel'

/** What a sender opens one of its links with. */
export interface SendingLinkOptions extends Omit<EndOptions, 'ports' | 'protocol' | 'address' | 'limits'> {
  endpoint: Endpoint
  queue: number
  window: number
  limits: LinkLimits
  dialect: Dialect
  tunnel?: SshTunnelOptions
  onAnswer?(answer: Answer, port: number): void
}
