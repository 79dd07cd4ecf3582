// Of a peer that never answers not more are remembered: it could send them all at once.
const MOST_LATE = 256

/** The frames of a lock-step link that were sent and not answered yet, oldest first. */
export class InFlight {
  readonly #sentAt = new Map<number, number>()
  #lastId = 0
  /** How many are not waited for, but may still be answered. */
  #late = 0

  get count(): number {
    return this.#sentAt.size
  }

  /** Notes a frame as sent now and gives the id that its answer will carry. */
  sent(): number {
    this.#lastId = (this.#lastId + 1) >>> 0
    this.#sentAt.set(this.#lastId, performance.now())
    return this.#lastId
  }

  /** Notes a message as sent that some receivers answer and some do not: nobody waits for it. */
  sentWithoutWaiting(): void {
    this.#late = Math.min(this.#late + 1, MOST_LATE)
  }

  /**
   * Notes an answer; without an id it is the oldest's. Tells whether one was owed, and the round trip in ms, undefined for an answer to
   * what is not waited for.
   */
  answered(id?: number): { owed: boolean; roundTrip?: number } {
    const [oldest] = this.#sentAt.keys()
    const answeredId = id ?? oldest
    const at = answeredId === undefined ? undefined : this.#sentAt.get(answeredId)
    if (answeredId !== undefined && at !== undefined) {
      this.#sentAt.delete(answeredId)
      return { owed: true, roundTrip: performance.now() - at }
    }
    if (this.#late === 0) return { owed: false }
    this.#late -= 1
    return { owed: true }
  }

  /** Stops waiting for those sent longer than `ms` ago. */
  giveUpOlderThan(ms: number): void {
    const oldest = performance.now() - ms
    for (const [id, at] of this.#sentAt) if (at < oldest) this.#giveUp(id)
  }

  /** Stops waiting for all. */
  giveUpAll(): void {
    for (const id of this.#sentAt.keys()) this.#giveUp(id)
  }

  #giveUp(id: number): void {
    this.#sentAt.delete(id)
    this.sentWithoutWaiting()
  }
}
