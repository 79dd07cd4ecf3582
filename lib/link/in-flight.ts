/** The frames of a lock-step link that were sent and not answered yet, oldest first. */
export class InFlight {
  readonly #sentAt = new Map<number, number>()
  #lastId = 0

  get count(): number {
    return this.#sentAt.size
  }

  /** `performance.now()` of the oldest one's sending. */
  get oldestSentAt(): number | undefined {
    const [first] = this.#sentAt.values()
    return first
  }

  /** Notes a frame as sent now and gives the id that its answer will carry. */
  sent(): number {
    this.#lastId = (this.#lastId + 1) >>> 0
    this.#sentAt.set(this.#lastId, performance.now())
    return this.#lastId
  }

  /** Notes an answer; without an id it is the oldest's. Gives the round trip in ms, or undefined for an answer to a frame given up. */
  answered(id?: number): number | undefined {
    const [oldest] = this.#sentAt.keys()
    const answeredId = id ?? oldest
    const at = answeredId === undefined ? undefined : this.#sentAt.get(answeredId)
    if (answeredId !== undefined) this.#sentAt.delete(answeredId)
    return at === undefined ? undefined : performance.now() - at
  }

  /** Stops waiting for those sent longer than `ms` ago. */
  giveUpOlderThan(ms: number): void {
    const oldest = performance.now() - ms
    for (const [id, at] of this.#sentAt) if (at < oldest) this.#sentAt.delete(id)
  }

  clear(): void {
    this.#sentAt.clear()
  }
}
