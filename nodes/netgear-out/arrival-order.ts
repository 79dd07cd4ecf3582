/**
 * Hands on what messages bring in the order in which they came, though some of it has to be waited for: at once where nothing has to
 * be.
 */
export class ArrivalOrder {
  #waiting = 0
  #last: Promise<void> = Promise.resolve()

  /** Calls `use` with the value, or `failed` with what it was rejected with or what `use` threw. */
  take<Value>(value: Value | Promise<Value>, use: (value: Value) => void, failed: (error: unknown) => void): void {
    if (this.#waiting > 0 || value instanceof Promise) {
      this.#takeLater(value, use, failed)
      return
    }
    try {
      use(value)
    } catch (error) {
      failed(error)
    }
  }

  #takeLater<Value>(
    value: Value | Promise<Value>,
    use: (value: Value) => void,
    failed: (error: unknown) => void,
  ): void {
    this.#waiting += 1
    const before = this.#last
    this.#last = (async () => {
      const [, outcome] = await Promise.allSettled([before, value])
      this.#waiting -= 1
      if (outcome.status === 'rejected') failed(outcome.reason)
      else use(outcome.value)
    })()
      .catch(failed)
      .catch(() => undefined)
  }
}
