import type { Doorkeeper } from './doorkeeper'
import type { PeerIdentity } from './link-events'
import { expectedServer, type LinkSecurity, type Mode } from './security'

export interface SolePeerOptions {
  security: LinkSecurity
  mode: Mode
  /** Only one peer can be at the other end. */
  exclusive: boolean
}

/** Who alone can be at the other end of a link: certain where it connects, in pair, and as long as only one key was let in. */
export class SolePeer {
  /** Whose key the other end of a connecting link must prove; empty where it need not. */
  readonly expected: PeerIdentity
  readonly #options: SolePeerOptions
  readonly #doorkeeper: Doorkeeper
  #entered: PeerIdentity | undefined

  constructor(options: SolePeerOptions, doorkeeper: Doorkeeper) {
    this.#options = options
    this.#doorkeeper = doorkeeper
    const server = expectedServer(options.security, options.mode)
    this.expected = server ? { publicKey: server.publicKey, ...(server.name && { name: server.name }) } : {}
  }

  /** Undefined where somebody else may be there. */
  get known(): PeerIdentity | undefined {
    const { mode, exclusive } = this.#options
    if (mode === 'connect') return this.expected
    if (exclusive) return this.#entered
    return this.#doorkeeper.onlyOneKey ? this.#doorkeeper.withSureAddress(this.#entered) : undefined
  }

  entered(peer: PeerIdentity): void {
    this.#entered = peer
  }

  /** One has left. The next one's frames may be read before its handshake is told. */
  left(): void {
    if (this.#options.exclusive) this.#entered = undefined
  }

  /** All have left with the socket. */
  forget(): void {
    this.#entered = undefined
  }
}
