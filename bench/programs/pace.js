const { monotonicMs } = require('./clock')

// A source that was held up longer than this leaves out what it missed, instead of making up for it in a burst.
const MOST_BEHIND_MS = 10

/** Calls `offer` at a rate, or again and again as soon as the last call's promise has resolved. */
exports.Pace = class Pace {
  #offer
  #run = 0
  #begunAt = 0
  offered = 0

  /** @param {(index: number) => unknown} offer */
  constructor(offer) {
    this.#offer = offer
  }

  /** @param {number} fps 0: as soon as the link has taken the last frame */
  start(fps) {
    this.#run += 1
    this.offered = 0
    this.#begunAt = monotonicMs()
    if (fps > 0) this.#keepRate(fps, this.#run)
    else this.#keepBusy(this.#run)
  }

  stop() {
    this.#run += 1
  }

  #keepRate(fps, run) {
    if (run !== this.#run) return
    const late = monotonicMs() - this.#begunAt - (this.offered * 1000) / fps
    if (late < 0) {
      setTimeout(() => this.#keepRate(fps, run), Math.max(1, Math.floor(-late)))
      return
    }
    if (late > MOST_BEHIND_MS) this.#begunAt += late
    this.#offer(this.offered)
    this.offered += 1
    // one frame in each turn of the event loop, so that the link takes it before the next one comes
    setImmediate(() => this.#keepRate(fps, run))
  }

  async #keepBusy(run) {
    while (run === this.#run) {
      await this.#offer(this.offered)
      this.offered += 1
    }
  }
}
