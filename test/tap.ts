import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP relay between two ends that remembers every byte that crosses, and can cut or hold the line. */
export class Tap {
  readonly #server: Server
  readonly #lines = new Set<Socket>()
  readonly #seen: Buffer[] = []
  connections = 0

  private constructor(server: Server, target: number) {
    this.#server = server
    server.on('connection', (near) => this.#relay(near, target))
  }

  static async open(target: number): Promise<Tap> {
    const server = createServer()
    const tap = new Tap(server, target)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return tap
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the tap is closed')
    return address.port
  }

  /** Every byte that crossed so far, of all connections. */
  get seen(): Buffer {
    return Buffer.concat(this.#seen)
  }

  /** Ends every connection, as a network fault would. */
  cut(): void {
    for (const line of this.#lines) line.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #relay(near: Socket, target: number): void {
    this.connections += 1
    const far = connect(target, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#lines.add(from)
      from.on('data', (bytes) => {
        this.#seen.push(bytes)
        to.write(bytes)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#lines.delete(from)
        to.destroy()
      })
    }
  }
}
