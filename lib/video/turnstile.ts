/**
 * Lets at most so many tasks run at once. Those that wait are taken from one owner after the other, so that an owner with many or
 * with long ones holds up the others as little as can be.
 */
export class Turnstile<Owner> {
  readonly #most: number
  readonly #waiting = new Map<Owner, (() => void)[]>()
  #running = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Runs the task when it is its owner's turn; resolves and rejects as it does. */
  async run<Result>(owner: Owner, task: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#most) this.#running += 1
    else await this.#turn(owner)
    try {
      return await task()
    } finally {
      this.#next()
    }
  }

  /** Forgets what still waits for that owner; those tasks never run and their promises stay as they are. */
  leave(owner: Owner): void {
    this.#waiting.delete(owner)
  }

  #turn(owner: Owner): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(owner)
      if (waiting) waiting.push(resolve)
      else this.#waiting.set(owner, [resolve])
    })
  }

  /** Hands the place on, or frees it. */
  #next(): void {
    for (const [owner, waiting] of this.#waiting) {
      const start = waiting.shift()
      this.#waiting.delete(owner)
      if (waiting.length > 0) this.#waiting.set(owner, waiting)
      if (start) {
        start()
        return
      }
    }
    this.#running -= 1
  }
}
