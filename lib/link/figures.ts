import type { LinkState, LinkStats } from './link-events'

/** Figures of several links together; their latency is that of the slowest. */
export function sumStats(all: readonly LinkStats[]): LinkStats {
  const sum: LinkStats = { frames: 0, bytes: 0, fps: 0, bitsPerSecond: 0, dropped: 0, lost: 0, invalid: 0, peers: 0 }
  for (const stats of all) {
    sum.frames += stats.frames
    sum.bytes += stats.bytes
    sum.fps += stats.fps
    sum.bitsPerSecond += stats.bitsPerSecond
    sum.dropped += stats.dropped
    sum.lost += stats.lost
    sum.invalid += stats.invalid
    sum.peers += stats.peers
    if (stats.latency && (!sum.latency || stats.latency.p99 > sum.latency.p99)) sum.latency = stats.latency
  }
  return sum
}

const RANK = { failed: 0, refused: 1, waiting: 2, connected: 3 } as const

/**
 * The state to show for several links: a failed one first, then connected with all peers; that some of them
 * wait for a peer is normal where several ports serve several cameras.
 */
export function overallState(states: readonly LinkState[]): LinkState {
  const peers = states.reduce((sum, state) => sum + (state.state === 'connected' ? state.peers : 0), 0)
  const failed = states.find(({ state }) => state === 'failed')
  if (failed) return failed
  if (peers > 0) return { state: 'connected', peers }
  const [worst] = [...states].sort((a, b) => RANK[a.state] - RANK[b.state])
  return worst ?? { state: 'waiting' }
}
