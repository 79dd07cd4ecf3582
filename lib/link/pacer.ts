/**
 * Lets at most `maxPerSecond` items through, evenly; of those in between the newest waits and the others are dropped.
 * 0 lets everything through.
 */
export class Pacer<T> {
  readonly #intervalMs: number
  readonly #deliver: (item: T) => void
  readonly #dropped: (item: T) => void
  #due = 0
  #waiting: { item: T } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(maxPerSecond: number, deliver: (item: T) => void, dropped: (item: T) => void) {
    this.#intervalMs = maxPerSecond > 0 ? 1000 / maxPerSecond : 0
    this.#deliver = deliver
    this.#dropped = dropped
  }

  offer(item: T): void {
    if (this.#intervalMs === 0) {
      this.#deliver(item)
      return
    }
    const now = performance.now()
    if (!this.#waiting && now >= this.#due) {
      this.#pass(item, now)
      return
    }
    if (this.#waiting) this.#dropped(this.#waiting.item)
    this.#waiting = { item }
    this.#timer ??= setTimeout(() => this.#passWaiting(), Math.max(0, this.#due - now))
  }

  /** Drops what waits. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting) this.#dropped(this.#waiting.item)
    this.#waiting = undefined
  }

  #passWaiting(): void {
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) this.#pass(waiting.item, performance.now())
  }

  #pass(item: T, now: number): void {
    // Counted from when it was due, so that late timers do not add up; not from long ago, so that a pause earns no burst.
    this.#due = Math.max(this.#due + this.#intervalMs, now + this.#intervalMs / 2)
    this.#deliver(item)
  }
}
