const { monotonicMs } = require('./clock')

/** Counts what arrives and how long it was under way. */
exports.Sink = class Sink {
  #frames = 0
  #latencies = []

  /** @param {number} offeredAt when the source offered the frame, by `monotonicMs` */
  add(offeredAt) {
    this.#frames += 1
    this.#latencies.push(monotonicMs() - offeredAt)
  }

  reset() {
    this.#frames = 0
    this.#latencies = []
  }

  report() {
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
    return { frames: this.#frames, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? null }
  }
}
