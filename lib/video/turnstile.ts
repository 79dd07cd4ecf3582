/** So long after the last short task, all places may be taken by long ones. */
const SHORT_EXPECTED_MS = 2000

interface Waiting {
  long: boolean
  start(): void
}

/**
 * Lets at most so many tasks run at once. Those that wait are taken from one owner after the other, so that an owner with many
 * holds up the others as little as can be. While short tasks come, one place is kept free of long ones.
 */
export class Turnstile<Owner> {
  readonly #most: number
  readonly #waiting = new Map<Owner, Waiting[]>()
  #running = 0
  #longRunning = 0
  #lastShort = Number.NEGATIVE_INFINITY

  /** `most` is at least 2. */
  constructor(most: number) {
    this.#most = most
  }

  /** Runs the task when it is its owner's turn; resolves and rejects as it does. */
  async run<Result>(owner: Owner, long: boolean, task: () => Promise<Result>): Promise<Result> {
    if (!long) this.#lastShort = performance.now()
    if (this.#mayStart(long)) this.#enter(long)
    else await this.#turn(owner, long)
    try {
      return await task()
    } finally {
      this.#running -= 1
      if (long) this.#longRunning -= 1
      this.#startWaiting()
    }
  }

  /** Forgets what still waits for that owner; those tasks never run and their promises stay as they are. */
  leave(owner: Owner): void {
    this.#waiting.delete(owner)
  }

  #mayStart(long: boolean): boolean {
    const shortExpected = performance.now() - this.#lastShort < SHORT_EXPECTED_MS
    if (long && shortExpected && this.#longRunning >= this.#most - 1) return false
    return this.#running < this.#most
  }

  #enter(long: boolean): void {
    this.#running += 1
    if (long) this.#longRunning += 1
  }

  #turn(owner: Owner, long: boolean): Promise<void> {
    return new Promise((start) => {
      const waiting = this.#waiting.get(owner)
      if (waiting) waiting.push({ long, start })
      else this.#waiting.set(owner, [{ long, start }])
    })
  }

  #startWaiting(): void {
    for (const [owner, waiting] of this.#waiting) {
      const [next] = waiting
      if (!next || !this.#mayStart(next.long)) continue
      waiting.shift()
      this.#waiting.delete(owner)
      if (waiting.length > 0) this.#waiting.set(owner, waiting)
      this.#enter(next.long)
      next.start()
    }
  }
}
