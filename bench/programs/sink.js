const { monotonicMs } = require('./clock')

const KEPT_LATENCIES = 20_000

/** Counts what arrives and how long the newest of it was under way. */
exports.Sink = class Sink {
  #frames = 0
  #latencies = new Float64Array(KEPT_LATENCIES)

  /** @param {number} offeredAt when the source offered the frame, by `monotonicMs` */
  add(offeredAt) {
    this.#latencies[this.#frames % KEPT_LATENCIES] = monotonicMs() - offeredAt
    this.#frames += 1
  }

  reset() {
    this.#frames = 0
  }

  report() {
    const sorted = this.#latencies.slice(0, this.#frames).sort()
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
    return { frames: this.#frames, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? null }
  }
}
