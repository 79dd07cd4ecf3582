import { setTimeout as delay } from 'node:timers/promises'
import type { Context, Socket } from 'zeromq'
import { openHeapRoom } from '../memory/heap-room'
import type { NetgearError } from '../wire/error'
import { aborted, unlessAborted } from './abort'
import { bindWithRetry } from './binding'
import { ConnectionMonitor } from './connection-monitor'
import { Doorkeeper } from './doorkeeper'
import { bindAddress, connectAddress, describeEndpoint, type Endpoint, type FoundAddress } from './endpoint'
import { askMechanism } from './greeting'
import { brokenOffHandshake, explainHangUp } from './handshake'
import type { LinkEvent, LinkState, PeerIdentity } from './link-events'
import type { LinkSpec } from './link-spec'
import { AUTHENTICATOR_DOWN, LinkTrouble, linkError, OUT_OF_FILES } from './link-trouble'
import { oneAtATime } from './one-at-a-time'
import { assertSecured, curveOptions } from './security'
import { baseSocketOptions } from './socket-options'
import { SolePeer } from './sole-peer'
import { sharedZeroMq } from './zeromq'

const RETRY_MS = 250
const RETRY_MAX_MS = 1200
const CLOSE_MS = 500

/**
 * One link from opened to closed: makes its socket, secures it, binds or connects, watches it, and makes a new one in the same way
 * whenever the old one cannot go on (refused, evicted, port taken, host not found). Never gives up before `close`.
 */
export class Link<S extends Socket> {
  readonly #spec: LinkSpec<S>
  readonly #doorkeeper: Doorkeeper
  readonly #trouble: LinkTrouble
  readonly #sole: SolePeer
  readonly #find: () => Promise<FoundAddress>
  readonly #findAgain: () => Promise<FoundAddress | undefined>
  readonly #askMechanism = oneAtATime(askMechanism)
  readonly #closing = new AbortController()
  readonly #finished: Promise<void>
  #monitor: ConnectionMonitor | undefined
  #renew = new AbortController()
  #retryMs = RETRY_MS
  #lastHeard = 0
  #lingerMs = 0

  /** Opens the link. Throws at once, with a `NetgearError`, for what no retry can mend (keys that are missing or unusable). */
  constructor(spec: LinkSpec<S>) {
    this.#spec = spec
    this.#find = spec.nearEnd ?? (() => connectAddress(spec.endpoint))
    this.#findAgain = oneAtATime(this.#find)
    this.#trouble = new LinkTrouble(this.#where(), (event) => this.#emit(event))
    this.#doorkeeper = new Doorkeeper({
      security: spec.security,
      pattern: spec.pattern,
      exclusive: spec.exclusive,
      limits: spec.limits,
      peers: () => this.peers,
      surePeers: () => this.#monitor?.surePeers ?? 0,
      lastHeard: () => this.#lastHeard,
      evict: () => this.renew(),
      recount: () => this.#monitor?.recount(),
      refused: (error, peer) => this.#refused(error, peer),
    })
    this.#sole = new SolePeer(spec, this.#doorkeeper)
    const { authenticator, context } = sharedZeroMq()
    const domain = authenticator.register((knock) => this.#doorkeeper.admit(knock))
    const endHeapRoom = openHeapRoom()
    // not before the caller holds the link: callbacks may ask it for its state
    this.#finished = Promise.resolve()
      .then(() => this.#run(context, domain))
      .finally(() => {
        authenticator.unregister(domain)
        endHeapRoom()
      })
  }

  get endpoint(): Endpoint {
    return this.#spec.endpoint
  }

  /** How many peers are connected, their handshakes complete. */
  get peers(): number {
    return this.#monitor?.peers ?? 0
  }

  get state(): LinkState {
    if (this.peers > 0) return { state: 'connected', peers: this.peers }
    if (!sharedZeroMq().authenticator.running && this.#spec.mode === 'bind') {
      return { state: 'failed', error: AUTHENTICATOR_DOWN }
    }
    return this.#trouble.present ?? { state: 'waiting' }
  }

  /** The peer at the other end where it is certain who sent a message, because only one key can be or has been there. */
  get solePeer(): PeerIdentity | undefined {
    return this.#spec.security.level === 'grassland' ? undefined : this.#sole.known
  }

  /** What blocks the way to the other end from now on; undefined where nothing does any more. */
  blocked(error: NetgearError | undefined): void {
    if (error) this.#trouble.failed(error)
    else this.#trouble.over('failed')
    this.#changed()
  }

  /** The peer has given a sign of life. */
  heard(): void {
    this.#lastHeard = performance.now()
  }

  /** Cuts every peer off and opens a new socket, which asks each of them again who it is. */
  renew(): void {
    this.#renew.abort()
  }

  /**
   * Closes the link; resolves when its port is free. `lingerMs`: how long frames that were handed over before may still be sent.
   */
  async close(lingerMs = 0): Promise<void> {
    this.#lingerMs = lingerMs
    this.#closing.abort()
    this.#renew.abort()
    await this.#finished
  }

  async #run(context: Context, domain: string): Promise<void> {
    const closing = this.#closing.signal
    while (!closing.aborted) {
      this.#renew = new AbortController()
      try {
        await this.#openAndServe(context, domain, this.#renew.signal)
      } catch (error) {
        this.blocked(linkError(error))
      }
      if (closing.aborted) break
      const pause = this.#retryMs
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS)
      await delay(pause, undefined, { signal: closing }).catch(() => undefined)
    }
    this.#trouble.close()
  }

  async #openAndServe(context: Context, domain: string, renew: AbortSignal): Promise<void> {
    const { mode, endpoint, security } = this.#spec
    await sharedZeroMq().authenticator.ready(renew)
    const end = mode === 'bind' ? bindAddress(endpoint) : await unlessAborted(this.#find(), renew)
    if (!end || renew.aborted) return
    const { address, ipv6 } = end
    const socket = this.#spec.create({
      ...baseSocketOptions(context, this.#spec.limits, ipv6),
      ...(mode === 'bind' && { zapDomain: domain, zapEnforceDomain: true }),
      ...curveOptions(security, mode),
    })
    const ended = new AbortController()
    try {
      assertSecured(socket, security, mode)
      this.#watch(socket, address, ended)
      if (mode === 'connect') socket.connect(address)
      else if (!(await bindWithRetry(socket, address, endpoint, renew, (error) => this.blocked(error)))) return
      this.#opened(socket)
      await aborted(renew)
    } finally {
      if (socket.linger !== this.#lingerMs) socket.linger = this.#lingerMs
      socket.close()
      await Promise.race([aborted(ended.signal), delay(CLOSE_MS, undefined, { ref: false })])
      this.#forsaken()
      this.#changed()
    }
  }

  /** Who was still there is gone with the socket; that is told also of a link that closes. */
  #forsaken(): void {
    const { peers } = this
    const peer = peers === 1 ? this.#sole.known : undefined
    this.#monitor?.close()
    this.#monitor = undefined
    this.#sole.forget()
    for (let left = 0; left < peers; left += 1) {
      this.#spec.onEvent({ event: 'disconnected', ...this.#where(), ...peer })
    }
  }

  #opened(socket: S): void {
    const { mode } = this.#spec
    this.#trouble.over(mode === 'bind' ? undefined : 'failed')
    if (mode === 'bind') {
      this.#retryMs = RETRY_MS
      this.#emit({ event: 'listening', ...this.#where() })
    }
    this.#changed()
    void this.#serve(socket)
  }

  /** A socket that nobody uses any more would look open for ever. */
  async #serve(socket: S): Promise<void> {
    const fault = await this.#spec.serve(socket).catch(linkError)
    if (socket.closed) return
    if (fault) this.blocked(fault)
    this.renew()
  }

  #watch(socket: S, address: string, ended: AbortController): void {
    const { security, mode } = this.#spec
    this.#doorkeeper.reopened()
    this.#monitor = new ConnectionMonitor(socket, {
      security,
      mode,
      handshakeSeconds: this.#spec.limits.handshakeSeconds,
      entered: () => {
        const peer = mode === 'bind' ? this.#doorkeeper.entered() : this.#sole.expected
        this.#sole.entered(peer)
        this.#trouble.entered((key) => mode === 'connect' || (key !== undefined && key === peer.publicKey))
        this.#retryMs = RETRY_MS
        this.heard()
        this.#emit({ event: 'connected', ...this.#where(), ...peer })
        this.#changed()
      },
      starved: () => this.#refused(OUT_OF_FILES, {}),
      accepted: (unproven) => this.#doorkeeper.crowded(unproven),
      left: (remaining) => {
        this.#trouble.left(this.#spec.limits.frameMegabytes)
        const peer = remaining === 0 || mode === 'connect' ? this.#sole.known : undefined
        this.#sole.left()
        this.#emit({ event: 'disconnected', ...this.#where(), ...peer })
        this.#changed()
      },
      held: () => this.#doorkeeper.held,
      gaveUp: () => this.#doorkeeper.gaveUp(),
      refused: (error) => this.#refused(error, {}),
      brokenOff: () => this.#suspectPlaintext(),
      awaited: () => this.#doorkeeper.awaited,
      hungUp: (certain) => (mode === 'bind' ? this.#doorkeeper.hungUp(certain) : void this.#explainHangUp(address)),
      unreachable: () => {
        this.#trouble.over('refused')
        if (mode === 'connect') void this.#renewIfMoved(address)
        this.#changed()
      },
      stuck: () => this.renew(),
      ended: () => ended.abort(),
    })
  }

  /** An unencrypted peer that sees the mismatch before us just breaks off; so does a port scan. */
  #suspectPlaintext(): void {
    const { mode, security } = this.#spec
    // Of our own package, who was refused asks us how we secure our connections, and hangs up.
    const told = this.#trouble.refusedLately
    if (mode === 'bind' && security.level !== 'grassland' && !this.#doorkeeper.busy && !told) {
      this.#refused(brokenOffHandshake(security), {})
    }
  }

  /** Finds out, as far as it can be, why the other end hung up on us in the middle of the handshake. */
  async #explainHangUp(address: string): Promise<void> {
    const { pattern, security } = this.#spec
    const mechanism = await this.#askMechanism(address)
    const error = explainHangUp(mechanism, security, pattern, this.#sole.expected.name ?? '')
    if (error && this.peers === 0) this.#refused(error, {})
  }

  /** A peer that came back at another address is found there. */
  async #renewIfMoved(address: string): Promise<void> {
    try {
      const now = await this.#findAgain()
      if (!now) return
      this.blocked(undefined)
      if (now.address !== address) this.renew()
    } catch (error) {
      // It may be back where it was meanwhile.
      if (this.peers === 0) this.blocked(linkError(error))
    }
  }

  #refused(error: NetgearError, peer: PeerIdentity): void {
    this.#trouble.refused(error, peer)
    this.#changed()
  }

  #where(): { endpoint: string; port?: number } {
    const { endpoint } = this.#spec
    return { endpoint: describeEndpoint(endpoint), port: endpoint.port }
  }

  #emit(event: LinkEvent): void {
    if (this.#closing.signal.aborted) return
    this.#spec.onEvent(event)
  }

  #changed(): void {
    this.#spec.onChange?.()
  }
}
