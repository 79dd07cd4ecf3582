/** How much younger than the time for handshakes a connection may look that ends with that time: we may have read of it late. */
const LATE_SHARE = 0.1

/**
 * Counts the peers of one socket by its events. Those do not tell which connection they belong to, and a stranger who speaks nonsense
 * leaves like a peer does: without a reason. Such an end is taken to be a stranger's as long as one may be there, so that no stranger can
 * make a peer look gone; the strangers' own ends, which come within the time for handshakes, show where that was wrong.
 */
export class ConnectionCount {
  readonly #handshakeMs: number
  #open = 0
  /** When those came whose handshakes are not complete, the oldest first. */
  readonly #unproven: number[] = []
  /** When those were refused with words for the other end; their connections end later, when it has read them. */
  readonly #dismissed: number[] = []
  /** When those left who were taken to be strangers but may have been peers. */
  readonly #doubtful: number[] = []

  /** `handshakeMs`: how long a handshake may take until the connection is cut off. */
  constructor(handshakeMs: number) {
    this.#handshakeMs = handshakeMs
  }

  /** How many connections are open, whoever is at their other ends. */
  get open(): number {
    return this.#open
  }

  /** How many of the peers may in truth have left. */
  get doubts(): number {
    this.#forgetImpossible()
    return this.#doubtful.length
  }

  /** How many connections belong to peers. */
  get peers(): number {
    this.#forgetImpossible()
    return Math.max(0, this.#open - this.#unproven.length - this.#dismissed.length)
  }

  /** So many are known to be in the middle of their handshakes: if there seem to be fewer, it was not one of them who has left. */
  held(least: number): void {
    while (this.#unproven.length + this.#dismissed.length < least) {
      this.#unproven.push(performance.now())
      this.#doubtful.shift()
    }
  }

  opened(): void {
    this.#open += 1
    this.#unproven.push(performance.now())
  }

  /** A handshake is complete. */
  proven(): void {
    // Nobody was left to prove himself: one whom we took for a stranger, as he left, was a peer.
    if (this.#unproven.pop() === undefined) this.#doubtful.shift()
  }

  /** Somebody was refused. */
  dismissed(): void {
    this.#unproven.pop()
    this.#dismissed.push(performance.now())
  }

  /** A connection has ended in the middle of its handshake, by the end of its time or else by a fault. */
  failed(timedOut: boolean): void {
    this.#open = Math.max(0, this.#open - 1)
    const [oldest] = this.#unproven
    const tooYoung = oldest !== undefined && performance.now() - oldest < this.#handshakeMs * (1 - LATE_SHARE)
    // The one whose time is over has been taken off already, when a peer left.
    if (timedOut && tooYoung && this.doubts > 0) this.#doubtful.shift()
    else if ((timedOut ? this.#unproven.shift() : this.#unproven.pop()) === undefined) this.#missed()
  }

  /** A connection has ended without a reason, while `held` were at the door. Gives whether that may have been one of those that were refused. */
  ended(held: number): boolean {
    const doubtful = this.peers > 0
    this.#open = Math.max(0, this.#open - 1)
    if (this.#dismissed.shift() !== undefined) return true
    if (this.#unproven.length > held) {
      this.#unproven.pop()
      if (doubtful) this.#doubtful.push(performance.now())
    }
    return false
  }

  /** Nobody unproven is left who could have ended: one refused has, or a peer did earlier. */
  #missed(): void {
    if (this.#dismissed.shift() === undefined) this.#doubtful.shift()
  }

  /** No handshake takes twice its time: the end of such a connection was taken for another's. */
  #forgetImpossible(): void {
    const latest = performance.now() - 2 * this.#handshakeMs
    for (const those of [this.#unproven, this.#dismissed, this.#doubtful]) {
      while (those[0] !== undefined && those[0] < latest) those.shift()
    }
  }
}
