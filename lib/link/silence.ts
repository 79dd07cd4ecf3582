const FIRST_ANSWER_MS = 1000
/** A line so slow that it may be taken for a silent peer is so only until its patience has grown. */
const SLOWEST_BYTES_PER_MS = 1000
const LATER_ANSWER_MS = 15_000
const LONGEST_MS = 60_000

/**
 * Finds a pair link that looks connected and leads nowhere: libzmq completes the handshake of a second peer and then ignores it for ever,
 * also when the first is gone, as where one comes back before its old connection has been let go. So what leads nowhere never answers,
 * and the first answer is awaited less patiently than later ones. Time is counted in ticks, so that an event loop that stood still is not
 * taken for a silent peer.
 */
export class Silence {
  readonly #tickMs: number
  readonly #mayBeIgnored: boolean
  #lastsMs = 0
  #patienceMs = 0
  #awaited = false
  #answered = false
  #reopened = 0

  /** `mayBeIgnored`: whether it is up to the other end who is taken, as it is where that one listens. */
  constructor(tickMs: number, mayBeIgnored: boolean) {
    this.#tickMs = tickMs
    this.#mayBeIgnored = mayBeIgnored
  }

  /** So many bytes were sent that every receiver answers. */
  answerAwaited(bytes: number): void {
    if (this.#awaited) return
    this.#awaited = true
    this.#lastsMs = 0
    const impatient = this.#mayBeIgnored && !this.#answered
    const patienceMs = impatient ? FIRST_ANSWER_MS + bytes / SLOWEST_BYTES_PER_MS : LATER_ANSWER_MS
    this.#patienceMs = Math.min(patienceMs * 2 ** this.#reopened, LONGEST_MS)
  }

  /** Something came back. */
  heard(): void {
    this.#awaited = false
    this.#answered = true
    this.#reopened = 0
  }

  /** Nothing is awaited over a new connection yet; where nothing came over the last one, patience stays. */
  reconnected(): void {
    this.#awaited = false
    this.#answered = false
  }

  /** To be called at each tick. Tells whether the link has to be opened anew; each time without effect the next is later. */
  tick(): boolean {
    if (!this.#awaited) return false
    this.#lastsMs += this.#tickMs
    if (this.#lastsMs < this.#patienceMs) return false
    this.reconnected()
    this.#reopened += 1
    return true
  }
}
