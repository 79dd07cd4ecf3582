/** The items that came together, of each source in their order. */
export class Batch<T> {
  readonly #most: number
  readonly #dropped: (item: T) => void
  #waiting = new Map<string, T[]>()

  /** Of each source the newest `most` are kept. */
  constructor(most: number, dropped: (item: T) => void) {
    this.#most = most
    this.#dropped = dropped
  }

  get empty(): boolean {
    return this.#waiting.size === 0
  }

  /** Whether more than one of a source is there. */
  get piledUp(): boolean {
    for (const items of this.#waiting.values()) if (items.length > 1) return true
    return false
  }

  add(source: string, item: T): void {
    const items = this.#waiting.get(source)
    if (!items) this.#waiting.set(source, [item])
    else {
      items.push(item)
      if (items.length > this.#most) this.#dropped(items.shift() as T)
    }
  }

  /** Drops all but the newest of each source. */
  keepNewest(): void {
    for (const items of this.#waiting.values())
      for (const item of items.splice(0, items.length - 1)) this.#dropped(item)
  }

  /** Takes the oldest of each source. */
  takeOldest(): [source: string, item: T][] {
    return [...this.#waiting].map(([source, [oldest, ...rest]]) => {
      if (rest.length > 0) this.#waiting.set(source, rest)
      else this.#waiting.delete(source)
      return [source, oldest as T]
    })
  }

  /** Takes all, source by source. */
  takeAll(): [source: string, item: T][] {
    const all: [string, T][] = []
    for (const [source, items] of this.#waiting) for (const item of items) all.push([source, item])
    // Not cleared: V8 keeps what a cleared map held until it collects its whole heap.
    if (all.length > 0) this.#waiting = new Map()
    return all
  }
}
