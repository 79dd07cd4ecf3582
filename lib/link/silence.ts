const FIRST_MS = 15_000
const LONGEST_MS = 60_000

/**
 * Finds a pair link that looks connected and leads nowhere: libzmq completes the handshake of a second peer and then ignores it for ever,
 * also when the first is gone. Time is counted in ticks, so that an event loop that stood still is not taken for a silent peer.
 */
export class Silence {
  readonly #tickMs: number
  #lastsMs = 0
  #awaited = false
  #patienceMs = FIRST_MS

  constructor(tickMs: number) {
    this.#tickMs = tickMs
  }

  /** Something was sent that every receiver answers. */
  answerAwaited(): void {
    this.#awaited = true
  }

  /** Something came back. */
  heard(): void {
    this.reconnected()
    this.#patienceMs = FIRST_MS
  }

  /** Nothing is awaited over a new connection yet; where nothing came over the last one, patience stays. */
  reconnected(): void {
    this.#awaited = false
    this.#lastsMs = 0
  }

  /** To be called at each tick. Tells whether the link has to be opened anew; each time without effect the next is later. */
  tick(): boolean {
    if (!this.#awaited) return false
    this.#lastsMs += this.#tickMs
    if (this.#lastsMs < this.#patienceMs) return false
    this.reconnected()
    this.#patienceMs = Math.min(2 * this.#patienceMs, LONGEST_MS)
    return true
  }
}
