import type { Context } from 'zeromq'
import { type LinkLimits, wireLimits } from './limits'

// TCP's own signs of life, not ZeroMQ's heartbeats: libzmq 4.3.5 ends the process when one falls due on a connection that has broken
// while nobody read (its issue 4364), as when a flow holds up the event loop.
const KEEPALIVE_S = 1
const KEEPALIVE_TRIES = 3
// Just after TCP's fourth try, at 3 s: an outage of 2 s must not end with the line given up instead of tried again.
const UNREACHABLE_MS = 3500
// Shorter than the second pause of TCP's own retrying (1, 2, 4 … s): a peer that comes back must not have to wait for the end of a longer one.
const CONNECT_MS = 1500
// With libzmq's 100, peers that all come back at once, as after a restart, are let wait for a second and more by TCP, the right ones among them.
const BACKLOG = 1024
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
    backlog: BACKLOG,
    maxMessageSize: Math.max(frameBytes, headerBytes),
    handshakeInterval: Math.round(limits.handshakeSeconds * 1000),
    tcpKeepalive: 1,
    tcpKeepaliveIdle: KEEPALIVE_S,
    tcpKeepaliveInterval: KEEPALIVE_S,
    tcpKeepaliveCount: KEEPALIVE_TRIES,
    connectTimeout: CONNECT_MS,
    reconnectInterval: RECONNECT_MS,
    reconnectMaxInterval: RECONNECT_MAX_MS,
    tcpMaxRetransmitTimeout: UNREACHABLE_MS,
  }
}
