const WINDOW_SECONDS = 3
const LATENCY_SAMPLES = 512

/** Counts the frames of one direction of a link, and how fast they come. Costs nothing while nothing crosses. */
export class Meter {
  frames = 0
  bytes = 0
  dropped = 0
  lost = 0
  invalid = 0
  readonly #seconds: { second: number; frames: number; bytes: number }[] = []
  readonly #latencies: number[] = []
  #nextLatency = 0

  /** One frame of that many bytes crossed. */
  count(bytes: number, now = performance.now()): void {
    this.frames += 1
    this.bytes += bytes
    const second = Math.floor(now / 1000)
    const last = this.#seconds.at(-1)
    if (last?.second === second) {
      last.frames += 1
      last.bytes += bytes
      return
    }
    this.#seconds.push({ second, frames: 1, bytes })
    if (this.#seconds.length > WINDOW_SECONDS + 1) this.#seconds.shift()
  }

  /** One measured latency in ms; the newest ones are kept. */
  latency(ms: number): void {
    this.#latencies[this.#nextLatency] = ms
    this.#nextLatency = (this.#nextLatency + 1) % LATENCY_SAMPLES
  }

  /** Frames and bits per second over the last whole seconds, 0 when nothing crossed. */
  rate(now = performance.now()): { fps: number; bitsPerSecond: number } {
    const current = Math.floor(now / 1000)
    let frames = 0
    let bytes = 0
    let oldest = current
    for (const entry of this.#seconds) {
      if (entry.second < current - WINDOW_SECONDS || entry.second >= current) continue
      frames += entry.frames
      bytes += entry.bytes
      oldest = Math.min(oldest, entry.second)
    }
    const seconds = Math.max(1, current - oldest)
    return { fps: frames / seconds, bitsPerSecond: (bytes * 8) / seconds }
  }

  /** The median and the 99th percentile of the newest latencies, in ms; undefined where none was measured. */
  latencyPercentiles(): { p50: number; p99: number } | undefined {
    if (this.#latencies.length === 0) return undefined
    const sorted = [...this.#latencies].sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
    return { p50: at(0.5), p99: at(0.99) }
  }
}
