export interface OrderedPoolOptions<In, Out> {
  /** Conversions at work at once, counted until their result has been handed on. At least 1. */
  concurrency: number
  /** Inputs that may wait for a free place; those of one burst count as one. Default 1. */
  waiting?: number
  /** What says which inputs belong together, such as the pictures of one message; without it each is a burst of its own. */
  burst?: (input: In) => unknown
  /**
   * What one more than may wait drops: the oldest of them (default), or all others, so that a pool which is too slow for what comes
   * works on the newest, while one that is fast enough loses nothing of a short burst.
   */
  overflowDrops?: 'oldest' | 'others'
  convert: (input: In) => Promise<Out>
  /** Takes a result; results come in the order in which their inputs were offered. */
  deliver: (output: Out, input: In) => void
  /** Takes an input that will not be delivered: pushed out by newer ones, or left over when the pool closed. */
  dropped: (input: In) => void
  /** Takes an input whose conversion failed, in its place in the order, or whose `deliver` or `dropped` threw. */
  failed: (error: unknown, input: In) => void
}

type Entry<In> = { kind: 'burst'; burst: unknown; inputs: In[] } | { kind: 'mark'; call: () => void }

type Place<In> =
  | {
      kind: 'conversion'
      input: In
      /** Hands the outcome on, once there is one. */
      settle?: () => void
    }
  | { kind: 'mark'; settle: () => void }

/**
 * Runs asynchronous conversions side by side and hands their results on in order. Bounded: at most
 * `concurrency` inputs and `waiting` bursts are held, and the newest win. Each input ends in exactly one of `deliver`, `dropped` and
 * `failed`, or in `failed` after a callback of its own threw. Nothing that a callback throws gets out.
 */
export class OrderedPool<In, Out> {
  readonly #options: OrderedPoolOptions<In, Out>
  readonly #mostWaiting: number
  readonly #keptOnOverflow: number
  #places: Place<In>[] = []
  #atWork = 0
  #waiting: Entry<In>[] = []
  #waitingBursts = 0
  #closed = false

  constructor(options: OrderedPoolOptions<In, Out>) {
    this.#options = options
    this.#mostWaiting = options.waiting ?? 1
    this.#keptOnOverflow = options.overflowDrops === 'others' ? Math.min(1, this.#mostWaiting) : this.#mostWaiting
  }

  /** Whether nothing is at work or waits, so that whoever goes round the pool overtakes nobody. */
  get idle(): boolean {
    return this.#places.length === 0 && this.#waiting.length === 0
  }

  /** Takes an input; after `close()` it is dropped at once. Never throws. */
  offer(input: In): void {
    if (this.#closed) {
      this.#drop(input)
      return
    }
    this.#wait(input)
    this.#fill()
    if (this.#waitingBursts > this.#mostWaiting) this.#dropOldest(this.#waitingBursts - this.#keptOnOverflow)
  }

  /**
   * Calls back when all that was offered before has ended, and before anything that is offered later is delivered: at once when
   * there is nothing, in any case when the pool closes. Never dropped.
   */
  mark(call: () => void): void {
    this.#waiting.push({ kind: 'mark', call })
    this.#handOn()
  }

  /** Drops all that was not delivered yet; conversions at work end unheard. */
  close(): void {
    this.#closed = true
    const places = this.#places
    const waiting = this.#waiting
    this.#places = []
    this.#atWork = 0
    this.#waiting = []
    this.#waitingBursts = 0
    for (const place of places) {
      if (place.kind === 'mark') place.settle()
      else this.#drop(place.input)
    }
    for (const entry of waiting) {
      if (entry.kind === 'mark') attempt(entry.call, ignored)
      else for (const input of entry.inputs) this.#drop(input)
    }
  }

  #wait(input: In): void {
    const burst = this.#options.burst ? this.#options.burst(input) : {}
    const last = this.#waiting.at(-1)
    if (last?.kind === 'burst' && last.burst === burst) {
      last.inputs.push(input)
      return
    }
    this.#waiting.push({ kind: 'burst', burst, inputs: [input] })
    this.#waitingBursts += 1
  }

  #dropOldest(bursts: number): void {
    const dropped: In[] = []
    let left = bursts
    this.#waiting = this.#waiting.filter((entry) => {
      if (entry.kind === 'mark' || left === 0) return true
      left -= 1
      for (const input of entry.inputs) dropped.push(input)
      return false
    })
    this.#waitingBursts -= bursts
    for (const input of dropped) this.#drop(input)
  }

  #fill(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (next.kind === 'mark') {
        const { call } = next
        this.#waiting.shift()
        this.#places.push({ kind: 'mark', settle: () => attempt(call, ignored) })
        continue
      }
      if (this.#atWork >= this.#options.concurrency) return
      const input = next.inputs.shift() as In
      if (next.inputs.length === 0) {
        this.#waiting.shift()
        this.#waitingBursts -= 1
      }
      this.#start(input)
    }
  }

  #start(input: In): void {
    const conversion: Place<In> = { kind: 'conversion', input }
    this.#places.push(conversion)
    this.#atWork += 1
    const settled = (settle: () => void) => {
      conversion.settle = settle
      this.#handOn()
    }
    const { convert, deliver } = this.#options
    void (async () => convert(input))().then(
      (output) => settled(() => this.#guard(input, () => deliver(output, input))),
      (error: unknown) => settled(() => this.#fail(error, input)),
    )
  }

  #handOn(): void {
    do {
      for (let first = this.#places[0]; first?.settle; first = this.#places[0]) {
        this.#places.shift()
        if (first.kind === 'conversion') this.#atWork -= 1
        first.settle()
      }
      this.#fill()
    } while (this.#places[0]?.settle)
  }

  #drop(input: In): void {
    this.#guard(input, () => this.#options.dropped(input))
  }

  #guard(input: In, callback: () => unknown): void {
    attempt(callback, (error) => this.#fail(error, input))
  }

  #fail(error: unknown, input: In): void {
    // When the one who is told of errors fails itself, nobody is left to tell.
    attempt(() => this.#options.failed(error, input), ignored)
  }
}

function ignored(): void {}

/** Calls, and catches what is thrown, at once or by the promise of an async callback. */
function attempt(callback: () => unknown, onError: (error: unknown) => void): void {
  try {
    const returned = callback()
    if (returned instanceof Promise) returned.catch(onError)
  } catch (error) {
    onError(error)
  }
}
