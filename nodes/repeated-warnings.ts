// The link sums up what repeats within ten seconds: no multiple of that, so that a timer's millisecond does not matter.
const FIRST_WAIT_MS = 8000
const LONGEST_WAIT_MS = 3_600_000
const MOST_KEYS = 64

interface Repeated {
  /** Told again no sooner than so long after it was told. */
  waitMs: number
  toldAt: number
  lastAt: number
  untold: number
}

/**
 * Warns of what repeats at once, and then less and less often, down to once an hour: a stranger who knocks for months would else fill the
 * log of a small machine and hide what is new. What has not happened for an hour is new again. Beyond 64 different ones, further ones of a
 * kind share a turn.
 */
export class RepeatedWarnings {
  readonly #warn: (text: string) => void
  readonly #now: () => number
  readonly #repeated = new Map<string, Repeated>()

  /** `now` gives milliseconds. */
  constructor(warn: (text: string) => void, now: () => number = () => performance.now()) {
    this.#warn = warn
    this.#now = now
  }

  /** It has happened `count` times more, by `who`; `text` gives the warning for all times that were not told yet. There are few kinds. */
  add(kind: string, who: string, count: number, text: (count: number) => string): void {
    const now = this.#now()
    this.#forgetOver(now)
    const key = `${kind} ${who}`
    const slot = this.#repeated.has(key) || this.#repeated.size < MOST_KEYS ? key : kind
    const repeated = this.#repeated.get(slot) ?? { waitMs: 0, toldAt: now, lastAt: now, untold: 0 }
    this.#repeated.set(slot, repeated)
    repeated.lastAt = now
    repeated.untold += count
    if (now - repeated.toldAt < repeated.waitMs) return
    this.#warn(text(repeated.untold))
    repeated.untold = 0
    repeated.toldAt = now
    repeated.waitMs = Math.min(Math.max(2 * repeated.waitMs, FIRST_WAIT_MS), LONGEST_WAIT_MS)
  }

  /** All of it is new when it happens again. */
  forget(): void {
    this.#repeated.clear()
  }

  #forgetOver(now: number): void {
    for (const [key, { lastAt }] of this.#repeated) {
      if (now - lastAt > LONGEST_WAIT_MS) this.#repeated.delete(key)
    }
  }
}
