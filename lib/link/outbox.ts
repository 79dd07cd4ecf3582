interface Group<T> {
  burst: unknown
  /** Neither overtaken nor dropped. */
  lasting: boolean
  /** The oldest first, each with when it came. */
  items: { item: T; at: number }[]
}

/**
 * Frames that wait until the link can take them: at most `capacity`, the newest win, and none waits longer than `maxAgeMs`.
 * Frames of one burst, which come one after the other, count as one.
 */
export class Outbox<T> {
  readonly #capacity: number
  readonly #maxAgeMs: number
  readonly #dropped: (item: T) => void
  // No Map of bursts: of one whose keys come and go, V8 keeps those that are gone until it collects its whole heap, and their frames.
  #waiting: Group<T>[] = []
  /** How many of those that wait are bursts of frames. */
  #bursts = 0
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
    const newest = this.#waiting.at(-1)
    if (newest && !newest.lasting && newest.burst === burst) {
      newest.items.push({ item, at: performance.now() })
      return
    }
    this.#add(item, burst, false)
    this.#bursts += 1
    if (this.#bursts > this.#capacity) this.#dropOldest()
  }

  /** Adds what must not be overtaken nor dropped, such as the end of a stream. Right behind another it says nothing more, and is left out. */
  pushLasting(item: T): void {
    if (!this.#waiting.at(-1)?.lasting) this.#add(item, item, true)
  }

  /** Takes the oldest that is not too old. */
  take(): T | undefined {
    const oldest = performance.now() - this.#maxAgeMs
    for (let group = this.#waiting[0]; group; group = this.#waiting[0]) {
      const { burst, lasting, items } = group
      const { item, at } = items.shift() as { item: T; at: number }
      if (items.length === 0) {
        this.#waiting.shift()
        if (!lasting) this.#bursts -= 1
      }
      if (lasting || at >= oldest) {
        this.#lastBurst = burst
        return item
      }
      this.#dropped(item)
    }
    return undefined
  }

  /** Nobody is there: what lasts is not for whoever comes later than the frames would have waited. Gives whether something was let go of. */
  expireLasting(): boolean {
    const before = this.#waiting.length
    const oldest = performance.now() - this.#maxAgeMs
    this.#waiting = this.#waiting.filter(({ lasting, items: [first] }) => !lasting || (first && first.at >= oldest))
    return this.#waiting.length < before
  }

  /** Drops everything. */
  clear(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#bursts = 0
    for (const group of waiting) this.#drop(group)
  }

  #add(item: T, burst: unknown, lasting: boolean): void {
    this.#waiting.push({ burst, lasting, items: [{ item, at: performance.now() }] })
  }

  #dropOldest(): void {
    const at = this.#waiting.findIndex(({ lasting }) => !lasting)
    const [oldest] = this.#waiting.splice(at, 1)
    if (this.#waiting[at - 1]?.lasting && this.#waiting[at]?.lasting) this.#waiting.splice(at, 1)
    this.#bursts -= 1
    if (oldest) this.#drop(oldest)
  }

  #drop({ lasting, items }: Group<T>): void {
    if (!lasting) for (const { item } of items) this.#dropped(item)
  }
}
