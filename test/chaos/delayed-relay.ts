import { connect, createServer, type Server, type Socket } from 'node:net'

/** Where a relay listens and what it leads to; this machine unless said otherwise. */
export interface RelayPlace {
  host?: string
  targetHost?: string
}

/** A TCP relay that delivers everything `delayMs` later, in each direction, and whose lines can be cut and can stall. */
export class DelayedRelay {
  /** For what comes from now on; nothing overtakes what came before. */
  delayMs: number
  readonly #server: Server
  readonly #lines = new Set<Socket>()
  #cut = false
  #stalled = false

  private constructor(target: number, delayMs: number, targetHost: string) {
    this.delayMs = delayMs
    this.#server = createServer((near) => {
      if (this.#cut) {
        near.destroy()
        return
      }
      const far = connect(target, targetHost)
      this.#carry(near, far)
      this.#carry(far, near)
    })
  }

  static async open(
    target: number,
    delayMs: number,
    { host = '127.0.0.1', targetHost = '127.0.0.1' }: RelayPlace = {},
  ): Promise<DelayedRelay> {
    const relay = new DelayedRelay(target, delayMs, targetHost)
    await new Promise<void>((resolve) => relay.#server.listen(0, host, resolve))
    return relay
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the relay is closed')
    return address.port
  }

  /** Ends every connection, and each new one at once, until `mend`. */
  cut(): void {
    this.#cut = true
    for (const line of this.#lines) line.destroy()
  }

  mend(): void {
    this.#cut = false
  }

  /** Takes nothing more from either side, without a word, until `flow`; what then waits comes in one burst. */
  stall(): void {
    this.#stalled = true
    for (const line of this.#lines) line.pause()
  }

  flow(): void {
    this.#stalled = false
    for (const line of this.#lines) line.resume()
  }

  async close(): Promise<void> {
    for (const line of this.#lines) line.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #carry(from: Socket, to: Socket): void {
    const underWay: Buffer[] = []
    this.#lines.add(from)
    from.setNoDelay()
    from.on('data', (bytes) => {
      underWay.push(bytes)
      setTimeout(() => to.write(underWay.shift() ?? ''), this.delayMs)
    })
    if (this.#stalled) from.pause()
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#lines.delete(from)
      setTimeout(() => to.destroy(), this.delayMs)
    })
  }
}
