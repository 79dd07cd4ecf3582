/** Ends an input message exactly once, when all that became of it has ended: with the first error, else without. */
export class Completion {
  readonly #done: (error?: Error) => void
  #parts = 1
  #error: Error | undefined

  /** The message itself is the first part: whoever makes the completion ends it once. */
  constructor(done: (error?: Error) => void) {
    this.#done = done
  }

  /** Adds a part that has to end too. */
  begin(): this {
    this.#parts += 1
    return this
  }

  end(error?: Error): void {
    this.#error ??= error
    this.#parts -= 1
    if (this.#parts === 0) this.#done(this.#error)
  }
}
