export interface OrderedPoolOptions<In, Out> {
  /** Conversions at work at once, counted until their result has been handed on. At least 1. */
  concurrency: number
  /** Inputs that may wait for a free place; one more drops the oldest of them. Default 1. */
  waiting?: number
  convert: (input: In) => Promise<Out>
  /** Takes a result; results come in the order in which their inputs were offered. */
  deliver: (output: Out, input: In) => void
  /** Takes an input that will not be delivered: pushed out by newer ones, or left over when the pool closed. */
  dropped: (input: In) => void
  /** Takes an input whose conversion failed, in its place in the order, or whose `deliver` or `dropped` threw. */
  failed: (error: unknown, input: In) => void
}

interface Conversion<In> {
  input: In
  /** Hands the outcome on, once there is one. */
  settle?: () => void
}

/**
 * Runs asynchronous conversions side by side and hands their results on in order. Bounded: at most
 * `concurrency + waiting` inputs are held, and the newest win. Each input ends in exactly one of `deliver`, `dropped` and
 * `failed`, or in `failed` after a callback of its own threw. Nothing that a callback throws gets out.
 */
export class OrderedPool<In, Out> {
  readonly #options: OrderedPoolOptions<In, Out>
  readonly #mostWaiting: number
  #running: Conversion<In>[] = []
  #waiting: In[] = []
  #closed = false

  constructor(options: OrderedPoolOptions<In, Out>) {
    this.#options = options
    this.#mostWaiting = options.waiting ?? 1
  }

  /** Takes an input; after `close()` it is dropped at once. Never throws. */
  offer(input: In): void {
    if (this.#closed) {
      this.#drop(input)
      return
    }
    this.#waiting.push(input)
    this.#fill()
    while (this.#waiting.length > this.#mostWaiting) this.#drop(this.#waiting.shift() as In)
  }

  /** Drops all that was not delivered yet; conversions at work end unheard. */
  close(): void {
    this.#closed = true
    const left = [...this.#running.map((conversion) => conversion.input), ...this.#waiting]
    this.#running = []
    this.#waiting = []
    for (const input of left) this.#drop(input)
  }

  #fill(): void {
    while (this.#running.length < this.#options.concurrency && this.#waiting.length > 0) {
      this.#start(this.#waiting.shift() as In)
    }
  }

  #start(input: In): void {
    const conversion: Conversion<In> = { input }
    this.#running.push(conversion)
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
    for (let settle = this.#running[0]?.settle; settle; settle = this.#running[0]?.settle) {
      this.#running.shift()
      settle()
    }
    this.#fill()
  }

  #drop(input: In): void {
    this.#guard(input, () => this.#options.dropped(input))
  }

  #guard(input: In, callback: () => unknown): void {
    attempt(callback, (error) => this.#fail(error, input))
  }

  #fail(error: unknown, input: In): void {
    // When the one who is told of errors fails itself, nobody is left to tell.
    attempt(
      () => this.#options.failed(error, input),
      () => undefined,
    )
  }
}

/** Calls, and catches what is thrown, at once or by the promise of an async callback. */
function attempt(callback: () => unknown, onError: (error: unknown) => void): void {
  try {
    const returned = callback()
    if (returned instanceof Promise) returned.catch(onError)
  } catch (error) {
    onError(error)
  }
}
