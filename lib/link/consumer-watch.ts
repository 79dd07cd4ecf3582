import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

const SLUGGISH_MS = 20
const BUSY_SHARE = 0.7
const STEP_MS = 1
// Asking how long the event loop has been idle costs more than the rest of a frame's way.
const SAMPLE_MS = 10

/**
 * Tells whether those that frames are handed to keep the event loop busy. They may work in a later turn than that in which they are
 * handed a frame, as the nodes of a flow do, so it is the loop that is watched.
 */
export class ConsumerWatch {
  #handedOnAt = performance.now()
  #busyMs = 0
  #sampledAt = this.#handedOnAt
  /** For how long the event loop had been idle then, since it began. */
  #idleMs = idleMs()

  /** Frames are handed on now. */
  handedOn(): void {
    this.#handedOnAt = performance.now()
  }

  /**
   * To be called after `handedOn`, before the event loop has waited for anything: not at once, as asking how long it has been idle would
   * hold up those frames.
   */
  sample(): void {
    if (this.#handedOnAt - this.#sampledAt < SAMPLE_MS) return
    this.#sampledAt = this.#handedOnAt
    this.#idleMs = idleMs()
  }

  /** Whether the process was busy nearly all the time, and noticeably long, since frames were last handed on. */
  keptBusy(): boolean {
    const now = performance.now()
    this.#busyMs = now - this.#handedOnAt
    if (this.#busyMs < SLUGGISH_MS) return false
    return idleMs() - this.#idleMs < (1 - BUSY_SHARE) * (now - this.#sampledAt)
  }

  /**
   * Resolves with whether the event loop is blocked about as long as when `keptBusy` was asked, as soon as that is over, or else after
   * `withinMs`: a machine that does something else for a moment blocks it too. `from`: `performance.now()` when it was free last.
   */
  async blocked(withinMs: number, from = performance.now()): Promise<boolean> {
    const until = performance.now() + withinMs
    const noticeable = Math.max(SLUGGISH_MS, this.#busyMs / 2)
    let freeAt = from
    do {
      await delay(STEP_MS)
      const now = performance.now()
      if (now - freeAt > noticeable) return true
      freeAt = now
    } while (freeAt < until)
    return false
  }
}

function idleMs(): number {
  return performance.eventLoopUtilization().idle
}
