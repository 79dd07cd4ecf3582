const KEPT_MS = 10_000

/** Memory that an encoder writes into and that is used again for the next picture, since allocating it takes longer than filling it. */
export class ScratchBuffers {
  #free: Buffer[] = []
  #expiry: NodeJS.Timeout | undefined

  /** Lends at least so many bytes for as long as `use` takes. They must not be read after that. */
  async lend<Result>(bytes: number, use: (scratch: Buffer) => Promise<Result>): Promise<Result> {
    const kept = this.#free.pop()
    const scratch = kept && kept.length >= bytes ? kept : Buffer.allocUnsafeSlow(bytes)
    try {
      return await use(scratch)
    } finally {
      this.#free.push(scratch)
      this.#letGoLater()
    }
  }

  #letGoLater(): void {
    if (this.#expiry) {
      this.#expiry.refresh()
      return
    }
    this.#expiry = setTimeout(() => {
      this.#free = []
    }, KEPT_MS)
    this.#expiry.unref()
  }
}
