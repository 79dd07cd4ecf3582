import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP relay that delivers everything `delayMs` later, in each direction: a line as long as one wants. */
export class DelayedRelay {
  readonly #server: Server
  readonly #lines = new Set<Socket>()

  private constructor(target: number, delayMs: number) {
    this.#server = createServer((near) => {
      const far = connect(target, '127.0.0.1')
      this.#carry(near, far, delayMs)
      this.#carry(far, near, delayMs)
    })
  }

  static async open(target: number, delayMs: number): Promise<DelayedRelay> {
    const relay = new DelayedRelay(target, delayMs)
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve))
    return relay
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the relay is closed')
    return address.port
  }

  async close(): Promise<void> {
    for (const line of this.#lines) line.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #carry(from: Socket, to: Socket, delayMs: number): void {
    this.#lines.add(from)
    from.setNoDelay()
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), delayMs))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#lines.delete(from)
      setTimeout(() => to.destroy(), delayMs)
    })
  }
}
