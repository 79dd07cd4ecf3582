import { mean } from './statistics'

const STEP = 1.1
const NEARLY_ALL = 0.95

/**
 * Finds the rate of offers at which most is carried while that is measured: a machine's speed changes from minute to minute, and with it
 * the rate that suits best. A rate of 0 (as fast as frames are taken) is its own neighbour.
 */
export class RateLadder {
  readonly #fps: number
  readonly #carried = new Map<number, number[]>()

  constructor(fps: number) {
    this.#fps = fps
  }

  fpsAt(step: number): number {
    return Math.round(this.#fps * STEP ** step)
  }

  carried(step: number, fps: number): void {
    this.#carried.set(step, [...this.#runs(step), fps])
  }

  /** The step that carried most so far, and that of the two beside it which was tried less, or the one above where hardly any was left out. */
  next(): [number, number] {
    const best = [...this.#carried].reduce((a, b) => (mean(b[1]) > mean(a[1]) ? b : a), [0, [0]])[0]
    const [above, below] = [best + 1, best - 1]
    const idle = mean(this.#runs(best)) > NEARLY_ALL * this.fpsAt(best)
    return [best, !idle && this.#runs(below).length < this.#runs(above).length ? below : above]
  }

  #runs(step: number): number[] {
    return this.#carried.get(step) ?? []
  }
}
