import { setTimeout as delay } from 'node:timers/promises'
import { fingerprint } from '../keys/key-pair'
import { NetgearError } from '../wire/error'
import type { Knock } from './authenticator'
import { admittedPatternMismatch } from './handshake'
import type { LinkLimits } from './limits'
import type { PeerIdentity } from './link-events'
import { admits, type LinkSecurity, nameOfKey } from './security'

// libzmq completes the handshake at once after our answer.
const PENDING_MS = 1000
const HOLD_MS = 3000
const HOLD_STEP_MS = 50
const SILENCE_MS = 4000
/** So many times the limit may be let in where strangers hide whether peers have left, as they could hide it of any number. */
const DOUBTFUL_FACTOR = 2

interface Admitted {
  peer: PeerIdentity
  at: number
  /** Its handshake may be complete, or went with its socket. */
  entered: boolean
}

export interface DoorkeeperOptions {
  security: LinkSecurity
  pattern: string
  /** Only one peer at a time (the pair pattern): libzmq would complete a second one's handshake and then ignore it for ever. */
  exclusive: boolean
  limits: LinkLimits
  /** How many peers are connected now. */
  peers(): number
  /** How many of them are certain not to have left. */
  surePeers(): number
  /** `performance.now()` when the connected peer was last heard of. */
  lastHeard(): number
  /** Cuts off whoever is connected, in favour of one that knocks; those that are still there come back at once. */
  evict(): void
  /** Counts the peers again, now that `held` may have changed. */
  recount(): void
  refused(error: NetgearError, peer: PeerIdentity): void
}

/** Decides who may enter one bound link, and remembers whom it let in until their handshake is complete. */
export class Doorkeeper {
  readonly #options: DoorkeeperOptions
  #admitted: Admitted[] = []
  /** The first two of all that were let in since the socket was opened: with StoneHouse a stranger has as many as he likes. */
  readonly #keys = new Set<string>()
  readonly #addresses = new Set<string>()
  #held: symbol[] = []

  constructor(options: DoorkeeperOptions) {
    this.#options = options
  }

  /** How many wait for the pair link's place. */
  get held(): number {
    return this.#held.length
  }

  /** A new socket was opened: whoever was held or let in went with the old one. */
  reopened(): void {
    this.#held = []
    for (const admitted of this.#admitted.splice(0)) admitted.entered = true
    this.#keys.clear()
    this.#addresses.clear()
  }

  /** Whether only one key can be at the other end, as no other was let in through this socket. */
  get onlyOneKey(): boolean {
    return this.#keys.size === 1
  }

  /** A peer without its address, unless all that were let in came from there. */
  withSureAddress(peer: PeerIdentity | undefined): PeerIdentity | undefined {
    if (!peer || this.#addresses.size < 2) return peer
    const { address: _, ...rest } = peer
    return rest
  }

  /** Whether anybody is between the question at the door and the end of the handshake. */
  get busy(): boolean {
    return this.#held.length > 0 || this.awaited > 0
  }

  /** How many were let in whose handshakes are not complete yet. */
  get awaited(): number {
    this.#forgetOld()
    return this.#admitted.length
  }

  /** The one that has waited longest has gone. */
  gaveUp(): void {
    this.#held.shift()
  }

  /** The authenticator's question. */
  async admit(knock: Knock): Promise<boolean> {
    const { security, exclusive, limits } = this.#options
    const peer = this.#identify(knock)
    if (!admits(security, knock.publicKey)) {
      this.#options.refused(untrusted(knock), peer)
      return false
    }
    if (exclusive && !(await this.#hold())) {
      this.#options.refused(
        new NetgearError(
          'NETGEAR_PAIR_TAKEN',
          `The pair link has its one peer already; the one from ${knock.address || 'this machine'} was refused. ` +
            'For several senders or receivers use pubsub or reqrep, or a port for each.',
        ),
        peer,
      )
      return false
    }
    this.#forgetOld()
    if (!exclusive && this.#full()) {
      this.#options.refused(tooManyPeers(limits, knock), peer)
      return false
    }
    if (this.#keys.size < 2) this.#keys.add(knock.publicKey ?? '')
    if (this.#addresses.size < 2) this.#addresses.add(knock.address)
    this.#admitted.push({ peer, at: performance.now(), entered: false })
    return true
  }

  /** Tells of more connections without a proof than there may be peers. They cannot be refused, only waited for. */
  crowded(unproven: number): void {
    const { limits, refused } = this.#options
    if (unproven > limits.connections) refused(tooManyUnproven(limits), {})
  }

  /** Whose handshake has just been completed: ZeroMQ tells only that one was, so it is taken to be the one let in first. */
  entered(): PeerIdentity {
    this.#forgetOld()
    const mayBeAny = !haveSameKey(this.#admitted)
    for (const [index, admitted] of this.#admitted.entries()) admitted.entered ||= mayBeAny || index === 0
    return this.#admitted.shift()?.peer ?? {}
  }

  /**
   * A connection was ended by libzmq itself, as it does with a pattern that does not fit. It was one of those just let in if `certain`;
   * if not, it may have been somebody else's: whoever then enters has nothing to do with it.
   */
  hungUp(certain: boolean): void {
    this.#forgetOld()
    if (certain && haveSameKey(this.#admitted)) {
      this.#mismatched(this.#admitted.pop())
      return
    }
    const suspects = [...this.#admitted]
    const judge = () => {
      if (suspects.every(({ entered }) => !entered)) this.#mismatched(suspects[0])
    }
    if (suspects.length > 0 && haveSameKey(suspects)) setTimeout(judge, PENDING_MS).unref()
  }

  #mismatched(admitted: Admitted | undefined): void {
    if (!admitted) return
    const { peer } = admitted
    const { pattern, refused } = this.#options
    refused(admittedPatternMismatch(pattern, peer.name ?? peer.address ?? 'A peer'), peer)
  }

  /** Whether the limit of connections is reached for certain. Strangers may hide that peers have left: nobody is refused for that. */
  #full(): boolean {
    const { peers, surePeers, limits } = this.#options
    const awaited = this.#admitted.length
    return surePeers() + awaited >= limits.connections || peers() + awaited >= DOUBTFUL_FACTOR * limits.connections
  }

  #identify({ address, publicKey }: Knock): PeerIdentity {
    const name = publicKey === undefined ? undefined : nameOfKey(this.#options.security, publicKey)
    return { ...(address && { address }), ...(publicKey && { publicKey }), ...(name && { name }) }
  }

  async #hold(): Promise<boolean> {
    const waiter = Symbol()
    this.#held.push(waiter)
    const hasPlace = await this.#place()
    this.#held = this.#held.filter((other) => other !== waiter)
    return hasPlace
  }

  /** Waits for the pair link's one place: a peer that has just died may not be noticed yet, one that is silent has to give way. */
  async #place(): Promise<boolean> {
    const { peers, lastHeard, evict, recount } = this.#options
    const until = performance.now() + HOLD_MS
    while (peers() > 0 || this.awaited > 0) {
      if (peers() > 0 && performance.now() - lastHeard() > SILENCE_MS) {
        evict()
        return false
      }
      if (performance.now() > until) return false
      await delay(HOLD_STEP_MS)
      recount()
    }
    return true
  }

  #forgetOld(): void {
    const oldest = performance.now() - PENDING_MS
    this.#admitted = this.#admitted.filter(({ at }) => at > oldest)
  }
}

function haveSameKey([first, ...others]: Admitted[]): boolean {
  return others.every(({ peer }) => peer.publicKey === first?.peer.publicKey)
}

function tooManyPeers({ connections }: LinkLimits, { address }: Knock): NetgearError {
  return new NetgearError(
    'NETGEAR_TOO_MANY_CONNECTIONS',
    `A peer from ${address || 'this machine'} was refused, because ${connections} are connected to this link already ` +
      '(limit connections). If all of them are yours, raise it; else look for the one that connects again and again.',
  )
}

function tooManyUnproven({ connections, handshakeSeconds }: LinkLimits): NetgearError {
  return new NetgearError(
    'NETGEAR_TOO_MANY_CONNECTIONS',
    `More than ${connections} connections to this link are open that have not said who they are; each is cut off after ` +
      `${handshakeSeconds} s. Somebody tries to flood it: let a firewall keep him away from the port.`,
  )
}

function untrusted({ address, publicKey }: Knock): NetgearError {
  const from = address || 'this machine'
  if (publicKey === undefined) {
    return new NetgearError('NETGEAR_OTHER_END_PLAIN', `A peer from ${from} without a key was refused.`)
  }
  return new NetgearError(
    'NETGEAR_KEY_NOT_TRUSTED',
    `A peer from ${from} with the key ${fingerprint(publicKey)} was refused, because that key is not trusted. ` +
      `If you know it, add ${publicKey} to the keys node under Trusted peers.`,
  )
}
