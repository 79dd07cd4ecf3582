import { setTimeout as delay } from 'node:timers/promises'
import { Batch } from './batch'
import { ConsumerWatch } from './consumer-watch'

const REFILL_MS = 1
const REFILLED_MS = 30
const MOST_AT_ONCE = 8
// Time for the nodes of a flow to begin with a frame.
const STEP_MS = 3
const CONSUMED_MS = 20

export interface HandoverOptions<T> {
  /** Whether a sender waits for the answer to its last frame before it sends the next. */
  lockStep: boolean
  deliver(source: string, item: T): void
  /** An item was let go because a newer one of its source was there. */
  dropped(): void
}

/**
 * Hands on what has come, as a consumer that may be slow can still use it. Goes by rounds: `begin`, then `add`, `answerFrame` and `flush`
 * for what has come, `finish`, and in the next turn of the event loop `settle`.
 */
export class Handover<T> {
  readonly #options: HandoverOptions<T>
  readonly #consumers = new ConsumerWatch()
  /** What came and is not handed on yet. */
  readonly #batch: Batch<T>
  /** Answers to frames that are handed on while the process is busy. */
  readonly #held: (() => Promise<void>)[] = []
  #keptBusy = false
  #slow = false

  constructor(options: HandoverOptions<T>) {
    this.#options = options
    this.#batch = new Batch(MOST_AT_ONCE, () => options.dropped())
  }

  /** Something has come. */
  begin(): void {
    this.#keptBusy = this.#options.lockStep && this.#consumers.keptBusy()
  }

  add(source: string, item: T): void {
    this.#batch.add(source, item)
  }

  /** Answers a frame: now, or where the consumer is slow when it has been consumed. */
  async answerFrame(answer: () => Promise<void>): Promise<void> {
    if (this.#keptBusy) this.#held.push(answer)
    else await answer()
  }

  /** Hands on what has come so far, at once. */
  flush(): void {
    this.#handOn(this.#batch.takeAll())
  }

  /** Hands on what has come. `refill`: adds what comes late, and gives how many messages that were. */
  async finish(refill: () => Promise<number>): Promise<void> {
    // Asked only where it matters: a frame alone would wait as long for the answer as for all else here.
    if (!this.#options.lockStep && (this.#slow || this.#batch.piledUp)) this.#keptBusy = this.#consumers.keptBusy()
    if (this.#keptBusy) await this.#handOnWithCare(refill)
    else this.flush()
    this.#slow &&= this.#keptBusy
  }

  /** The turn of the event loop in which frames were handed on is over. */
  settle(): void {
    if (!this.#keptBusy) this.#consumers.sample()
  }

  /**
   * Hands on frames after the process was busy for a while. If that was a mere pause, those that have piled up are all wanted; a consumer
   * that is busy with each frame gets the newest. Where a sender waits for its answer, that leaves when the frame has been consumed: the
   * next frame would grow old here while it waits.
   */
  async #handOnWithCare(refill: () => Promise<number>): Promise<void> {
    if (!this.#batch.piledUp) {
      const from = performance.now()
      this.flush()
      if (this.#held.length > 0) await this.#consumers.blocked(CONSUMED_MS, from)
      await this.#answerHeld()
      return
    }
    await this.#answerHeld()
    if (this.#slow) await this.#skipToNewest(refill)
    while (!this.#batch.empty) {
      const from = performance.now()
      this.#handOn(this.#batch.takeOldest())
      if (this.#batch.empty || !(await this.#consumers.blocked(STEP_MS, from))) continue
      this.#slow = true
      await this.#skipToNewest(refill)
    }
  }

  /** Old frames lie in the kernel's queues too, and come through as soon as libzmq's own are read. */
  async #skipToNewest(refill: () => Promise<number>): Promise<void> {
    // By the clock: where other work takes the event loop's time, a new frame comes in each round, and the newest would wait for ever.
    const until = performance.now() + REFILLED_MS
    do await delay(REFILL_MS)
    while ((await refill()) > 0 && performance.now() < until)
    await this.#answerHeld()
    this.#batch.keepNewest()
  }

  async #answerHeld(): Promise<void> {
    for (const answer of this.#held.splice(0)) await answer()
  }

  #handOn(items: [source: string, item: T][]): void {
    this.#consumers.handedOn()
    // Between steps with care there are pauses.
    if (this.#keptBusy) this.#consumers.sample()
    for (const [source, item] of items) this.#options.deliver(source, item)
  }
}
