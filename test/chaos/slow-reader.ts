import { connect, type Socket } from 'node:net'
import type { PATTERNS } from '../links'

const GREETING = Buffer.concat([Buffer.from('ff00000000000000017f0300', 'hex'), Buffer.from('NULL'), Buffer.alloc(48)])
const SUBSCRIPTION = Buffer.from([0, 1, 1])
const SOCKET_TYPE = { pubsub: 'SUB', pair: 'PAIR', reqrep: 'REP' } as const
/** The other end's greeting and its READY, which is as long for XPUB and PAIR, and longer for DEALER. */
const HANDSHAKE_BYTES = 64 + 28

/** A receiver by hand (ZMTP 3.0 without security) that completes its handshake and then reads a few bytes a second. */
export class SlowReader {
  readonly #line: Socket
  #read = 0

  constructor(pattern: (typeof PATTERNS)[number], port: number, bytesPerSecond: number) {
    const readOne = () => {
      this.#read += 1
      if (this.#read < HANDSHAKE_BYTES) return true
      if (this.#read === HANDSHAKE_BYTES && pattern === 'pubsub') this.#line.write(SUBSCRIPTION)
      setTimeout(() => this.#line.resume(), 1000 / bytesPerSecond).unref()
      return false
    }
    const onread = { buffer: Buffer.alloc(1), callback: readOne }
    this.#line = connect({ host: '127.0.0.1', port, onread })
    this.#line.write(Buffer.concat([GREETING, ready(SOCKET_TYPE[pattern])]))
    this.#line.on('error', () => undefined)
  }

  hangUp(): void {
    this.#line.destroy()
  }
}

function ready(socketType: string): Buffer {
  const body = Buffer.from(`\x05READY\x0bSocket-Type\x00\x00\x00${String.fromCharCode(socketType.length)}${socketType}`)
  return Buffer.concat([Buffer.from([4, body.length]), body])
}
