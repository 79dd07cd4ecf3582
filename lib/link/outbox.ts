/**
 * Frames that wait until the link can take them: at most `capacity`, the newest win, and none waits longer than `maxAgeMs`.
 * Frames of one burst count as one.
 */
export class Outbox<T> {
  readonly #capacity: number
  readonly #maxAgeMs: number
  readonly #dropped: (item: T) => void
  #waiting: { item: T; burst: unknown; keep: boolean; at: number }[] = []
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
    const bursts = new Set(this.#waiting.filter(({ keep }) => !keep).map((entry) => entry.burst))
    const [oldest] = bursts
    if (bursts.size > this.#capacity) this.#remove(oldest)
  }

  /** Adds what must not be overtaken nor dropped, such as the end of a stream. */
  pushLasting(item: T): void {
    this.#waiting.push({ item, burst: item, keep: true, at: performance.now() })
  }

  /** Takes the oldest that is not too old. */
  take(): T | undefined {
    const oldest = performance.now() - this.#maxAgeMs
    for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) {
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
    for (const { item, keep } of waiting) if (!keep) this.#dropped(item)
  }

  #remove(burst: unknown): void {
    const removed = this.#waiting.filter((entry) => !entry.keep && entry.burst === burst)
    this.#waiting = this.#waiting.filter((entry) => !removed.includes(entry))
    for (const { item } of removed) this.#dropped(item)
  }
}
