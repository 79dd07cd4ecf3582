import type { Context } from 'zeromq'
import { type LinkLimits, wireLimits } from './limits'

const HEARTBEAT_MS = 2000
// Longer than the largest frame takes on a slow link: the heartbeat waits behind it. Dead paths are found sooner, by UNREACHABLE_MS.
const HEARTBEAT_TIMEOUT_MS = 30_000
const UNREACHABLE_MS = 3000
// Shorter than the second pause of TCP's own retrying (1, 2, 4 … s): a peer that comes back must not have to wait for the end of a longer one.
const CONNECT_MS = 1500
const RECONNECT_MS = 100
const RECONNECT_MAX_MS = 1000

/** The options that every socket of a link is made with. */
export type BaseSocketOptions = ReturnType<typeof baseSocketOptions>

/** A peer that announces a part of a message beyond the limits is cut off. */
export function baseSocketOptions(context: Context, limits: LinkLimits, ipv6: boolean) {
  const { frameBytes, headerBytes } = wireLimits(limits)
  return {
    context,
    ipv6,
    linger: 0,
    maxMessageSize: Math.max(frameBytes, headerBytes),
    handshakeInterval: Math.round(limits.handshakeSeconds * 1000),
    heartbeatInterval: HEARTBEAT_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    connectTimeout: CONNECT_MS,
    reconnectInterval: RECONNECT_MS,
    reconnectMaxInterval: RECONNECT_MAX_MS,
    tcpMaxRetransmitTimeout: UNREACHABLE_MS,
  }
}
