/** Frames that wait until the link can take them: at most `capacity`, the newest win, and none waits longer than `maxAgeMs`. */
export class Outbox<T> {
  readonly #capacity: number
  readonly #maxAgeMs: number
  readonly #dropped: (item: T) => void
  #waiting: { item: T; keep: boolean; at: number }[] = []

  constructor(capacity: number, maxAgeMs: number, dropped: (item: T) => void) {
    this.#capacity = capacity
    this.#maxAgeMs = maxAgeMs
    this.#dropped = dropped
  }

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  push(item: T): void {
    this.#waiting.push({ item, keep: false, at: performance.now() })
    const droppable = this.#waiting.filter(({ keep }) => !keep)
    if (droppable.length > this.#capacity) this.#remove(droppable[0])
  }

  /** Adds what must not be overtaken nor dropped, such as the end of a stream. */
  pushLasting(item: T): void {
    this.#waiting.push({ item, keep: true, at: performance.now() })
  }

  /** Takes the oldest that is not too old. */
  take(): T | undefined {
    const oldest = performance.now() - this.#maxAgeMs
    for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) {
      if (entry.keep || entry.at >= oldest) return entry.item
      this.#dropped(entry.item)
    }
    return undefined
  }

  /** Drops everything. */
  clear(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { item, keep } of waiting) if (!keep) this.#dropped(item)
  }

  #remove(entry: { item: T } | undefined): void {
    if (!entry) return
    this.#waiting = this.#waiting.filter((other) => other !== entry)
    this.#dropped(entry.item)
  }
}
