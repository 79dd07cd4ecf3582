import { type FrameReport, monotonicMs } from './python-end'

const KEPT_LATENCIES = 4000

export interface ArrivalCounts {
  right: number
  wrong: number
  outOfOrder: number
  /** The last frame once more, as the lock-step patterns send it to keep a link alive. */
  repeated: number
  /** Frames of a sender's run that never came, between two that did. */
  lost: number
}

/** Judges the frames that reach the far end: each right, each newer than the one before. */
export class Arrivals {
  readonly counts: ArrivalCounts = { right: 0, wrong: 0, outOfOrder: 0, repeated: 0, lost: 0 }
  /** When the newest right frame came, see `monotonicMs`. */
  lastAt = monotonicMs()
  readonly #endedRuns = new Set<string>()
  #run = ''
  #number = -1
  #latencies: number[] = []
  #longestSilence = 0
  #waiting: { after: number; resolve: () => void }[] = []

  add({ run, number, right, sentAt, receivedAt }: FrameReport): void {
    if (!right) {
      this.counts.wrong += 1
      return
    }
    if (run === this.#run && number === this.#number) {
      this.counts.repeated += 1
      return
    }
    if (this.#endedRuns.has(run) || (run === this.#run && number < this.#number)) {
      this.counts.outOfOrder += 1
      return
    }
    if (run === this.#run) this.counts.lost += number - this.#number - 1
    else if (this.#run !== '') this.#endedRuns.add(this.#run)
    this.#run = run
    this.#number = number
    this.#count(sentAt, receivedAt)
  }

  /** Resolves with how many ms it takes until a right frame is there that was sent from now on; undefined after `patienceMs`. */
  async back(patienceMs: number): Promise<number | undefined> {
    const start = monotonicMs()
    const came = await new Promise<boolean>((resolve) => {
      const waiter = {
        after: start,
        resolve: () => {
          clearTimeout(timer)
          resolve(true)
        },
      }
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter)
        resolve(false)
      }, patienceMs)
      this.#waiting.push(waiter)
    })
    return came ? monotonicMs() - start : undefined
  }

  /** The latencies in ms from sender to far end since the last asking, in ascending order. */
  takeLatencies(): number[] {
    const latencies = this.#latencies.sort((a, b) => a - b)
    this.#latencies = []
    return latencies
  }

  /** The longest time without a right frame since the last asking, in ms. */
  takeLongestSilence(): number {
    const silence = this.#longestSilence
    this.#longestSilence = 0
    return silence
  }

  #count(sentAt: number, receivedAt: number): void {
    this.counts.right += 1
    this.#longestSilence = Math.max(this.#longestSilence, receivedAt - this.lastAt)
    this.lastAt = receivedAt
    this.#latencies.push(receivedAt - sentAt)
    if (this.#latencies.length > KEPT_LATENCIES) this.#latencies.shift()
    const met = this.#waiting.filter(({ after }) => sentAt >= after)
    this.#waiting = this.#waiting.filter((waiter) => !met.includes(waiter))
    for (const { resolve } of met) resolve()
  }
}
