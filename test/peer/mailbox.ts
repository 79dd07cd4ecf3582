const PATIENCE_MS = 10_000

interface Waiter<T> {
  matches(item: T): boolean
  resolve(item: T): void
}

/** What came, oldest first, each kept until somebody asks for it, so that none is missed. */
export class Mailbox<T> {
  readonly #name: string
  readonly #waiters = new Set<Waiter<T>>()
  #unclaimed: T[] = []

  constructor(name: string) {
    this.#name = name
  }

  /** What nobody took, oldest first; it stays. */
  get unclaimed(): readonly T[] {
    return this.#unclaimed
  }

  add(item: T): void {
    const waiter = [...this.#waiters].find(({ matches }) => matches(item))
    if (waiter) waiter.resolve(item)
    else this.#unclaimed.push(item)
  }

  /** Takes the oldest that `matches` and that nobody took, or the first such to come; rejects if none comes in `timeoutMs`. */
  next(matches: (item: T) => boolean = () => true, timeoutMs = PATIENCE_MS): Promise<T> {
    const found = this.#unclaimed.find(matches)
    if (found !== undefined) {
      this.#unclaimed = this.#unclaimed.filter((item) => item !== found)
      return Promise.resolve(found)
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = {
        matches,
        resolve: (item) => {
          clearTimeout(timer)
          this.#waiters.delete(waiter)
          resolve(item)
        },
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        reject(
          new Error(`${this.#name}: nothing met ${matches} in ${timeoutMs} ms; ${this.#unclaimed.length} others came`),
        )
      }, timeoutMs)
      this.#waiters.add(waiter)
    })
  }
}
