// What a timer takes, 25 days: a longer one would fire at once.
const LONGEST_MS = 2 ** 31 - 1

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
  /** What is to come after what waits. */
  #marks: (() => void)[] = []

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
    const replaced = this.#waiting
    // First, as whoever is told of the other may offer the next.
    this.#waiting = { item }
    this.#timer ??= setTimeout(() => this.#passWaiting(), Math.min(Math.max(0, this.#due - now), LONGEST_MS))
    if (!replaced) return
    this.#dropped(replaced.item)
    this.#passMarks()
  }

  /** Calls back when all that was offered before is through or dropped, and nothing that comes later: at once where nothing waits. */
  mark(passed: () => void): void {
    if (this.#waiting) this.#marks.push(passed)
    else passed()
  }

  /**
   * Lets what waits through now, as nothing newer will come. What that is ahead of the pace is made up for; where it is ahead already,
   * what waits is dropped: whoever ends again and again is not faster than others.
   */
  flush(): void {
    const early = this.#due - performance.now()
    if (early > this.#intervalMs) this.close()
    clearTimeout(this.#timer)
    this.#passWaiting()
  }

  /** Drops what waits. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#dropWaiting()
  }

  #dropWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) this.#dropped(waiting.item)
    this.#passMarks()
  }

  #passWaiting(): void {
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) this.#pass(waiting.item, performance.now())
    this.#passMarks()
  }

  #passMarks(): void {
    for (const passed of this.#marks.splice(0)) passed()
  }

  #pass(item: T, now: number): void {
    // Counted from when it was due, so that late timers do not add up; not from long ago, so that a pause earns no burst.
    this.#due = Math.max(this.#due + this.#intervalMs, now + this.#intervalMs / 2)
    this.#deliver(item)
  }
}
