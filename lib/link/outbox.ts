type Waiting<T> = { item: T; burst: unknown; keep: boolean; at: number }

/**
 * Frames that wait until the link can take them: at most `capacity`, the newest win, and none waits longer than `maxAgeMs`.
 * Frames of one burst count as one.
 */
export class Outbox<T> {
  readonly #capacity: number
  readonly #maxAgeMs: number
  readonly #dropped: (item: T) => void
  #waiting: Waiting<T>[] = []
  /** How many of each burst wait, without what must be kept. */
  readonly #bursts = new Map<unknown, number>()
  #lastBurst: unknown

  constructor(capacity: number, maxAgeMs: number, dropped: (item: T) => void) {
    this.#capacity = capacity
    this.#maxAgeMs = maxAgeMs
    this.#dropped = dropped
  }

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  /** Whether more of the burst waits of which an item was taken last. */
  get burstGoesOn(): boolean {
    return this.#waiting[0] !== undefined && this.#waiting[0].burst === this.#lastBurst
  }

  push(item: T, burst: unknown = item): void {
    this.#waiting.push({ item, burst, keep: false, at: performance.now() })
    this.#bursts.set(burst, (this.#bursts.get(burst) ?? 0) + 1)
    if (this.#bursts.size > this.#capacity) this.#remove(this.#waiting.find(({ keep }) => !keep)?.burst)
  }

  /** Adds what must not be overtaken nor dropped, such as the end of a stream. */
  pushLasting(item: T): void {
    this.#waiting.push({ item, burst: item, keep: true, at: performance.now() })
  }

  /** Takes the oldest that is not too old. */
  take(): T | undefined {
    const oldest = performance.now() - this.#maxAgeMs
    for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) {
      this.#uncount(entry)
      if (entry.keep || entry.at >= oldest) {
        this.#lastBurst = entry.burst
        return entry.item
      }
      this.#dropped(entry.item)
    }
    return undefined
  }

  /** Drops everything. */
  clear(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#bursts.clear()
    for (const { item, keep } of waiting) if (!keep) this.#dropped(item)
  }

  #remove(burst: unknown): void {
    const isOfBurst = (entry: Waiting<T>) => !entry.keep && entry.burst === burst
    const removed = this.#waiting.filter(isOfBurst)
    this.#waiting = this.#waiting.filter((entry) => !isOfBurst(entry))
    this.#bursts.delete(burst)
    for (const { item } of removed) this.#dropped(item)
  }

  #uncount({ burst, keep }: Waiting<T>): void {
    if (keep) return
    const left = (this.#bursts.get(burst) ?? 0) - 1
    if (left > 0) this.#bursts.set(burst, left)
    else this.#bursts.delete(burst)
  }
}
