const LONGEST_MS = 100

/**
 * Finds the moment to close a lock-step link in: right after an answer, when no frame is under way. Else its sender waits for the answer
 * in vain, and a NetGear that does so for 4 s comes back without encryption (netgear.py, `send`, its `request_timeout`).
 */
export class AnswerPause {
  #answeredAt = 0
  #apartMs = 0
  #reached: (() => void) | undefined

  /** An answer has left, and nothing that came waits for one. */
  begins(): void {
    const now = performance.now()
    if (this.#answeredAt > 0) this.#apartMs = now - this.#answeredAt
    this.#answeredAt = now
    this.#reached?.()
  }

  /** Whoever waited for an answer has gone. */
  nobodyWaits(): void {
    this.#reached?.()
  }

  /** Resolves when the next one begins, or soon: at once where answers are so far apart that a frame is hardly under way. */
  async next(): Promise<void> {
    if (this.#apartMs > LONGEST_MS) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LONGEST_MS)
      this.#reached = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
