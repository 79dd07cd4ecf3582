/**
 * Sums up what repeats: the first occurrence of a key is reported at once, further ones within `intervalMs` together, with their
 * count, at its end. Keys beyond `maxKeys` share one entry, so that a flood of different ones stays bounded.
 */
export class Tally<Detail> {
  readonly #report: (detail: Detail, count: number) => void
  readonly #intervalMs: number
  readonly #maxKeys: number
  readonly #pending = new Map<string, { detail: Detail; count: number; timer: NodeJS.Timeout }>()

  constructor(report: (detail: Detail, count: number) => void, intervalMs: number, maxKeys = 64) {
    this.#report = report
    this.#intervalMs = intervalMs
    this.#maxKeys = maxKeys
  }

  add(key: string, detail: Detail): void {
    const slot = this.#pending.has(key) || this.#pending.size < this.#maxKeys ? key : ''
    const entry = this.#pending.get(slot)
    if (entry) {
      entry.detail = detail
      entry.count += 1
      return
    }
    this.#open(slot, detail)
    this.#report(detail, 1)
  }

  /** Forgets the occurrences of what matches that were not reported yet, but not those that share an entry with others. */
  forget(matches: (detail: Detail) => boolean): void {
    for (const [key, entry] of this.#pending) {
      if (key !== '' && matches(entry.detail)) entry.count = 0
    }
  }

  /** Forgets what was not reported yet. */
  close(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer)
    this.#pending.clear()
  }

  #open(key: string, detail: Detail): void {
    const timer = setTimeout(() => this.#flush(key), this.#intervalMs)
    timer.unref()
    this.#pending.set(key, { detail, count: 0, timer })
  }

  #flush(key: string): void {
    const entry = this.#pending.get(key)
    this.#pending.delete(key)
    if (!entry || entry.count === 0) return
    this.#open(key, entry.detail)
    this.#report(entry.detail, entry.count)
  }
}
