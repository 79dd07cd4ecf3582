import { setTimeout as delay } from 'node:timers/promises'
import type { Router } from 'zeromq'
import { z85Encode } from '../keys/z85'

/** Who asks to be let in: what ZeroMQ's authentication protocol (ZAP, rfc.zeromq.org/spec/27) tells of a peer. */
export interface Knock {
  /** IP address without port; empty for ipc. */
  address: string
  /** Z85 public key that the peer has proved to own; absent on an unencrypted link. */
  publicKey?: string
}

/** Decides on one knock. What is thrown counts as a refusal. */
export type AdmissionPolicy = (knock: Knock) => boolean | Promise<boolean>

const ENDPOINT = 'inproc://zeromq.zap.01'
const RESTART_PAUSE_MS = 5
const IDLE_MS = 500

/**
 * Answers ZeroMQ's question «may this peer come in?» for every link of the process, each under a domain of its own, so that the
 * trust lists of links never mix. Whoever knocks at an unknown domain is refused; while it is down nobody gets in, because every
 * link enforces its domain.
 */
export class Authenticator {
  readonly #policies = new Map<string, AdmissionPolicy>()
  readonly #openSocket: () => Router
  #socket: Router | undefined
  #lastDomain = 0
  #idleTimer: NodeJS.Timeout | undefined

  constructor(openSocket: () => Router) {
    this.#openSocket = openSocket
  }

  /** False while nothing answers for us: links must show that nobody can get in. */
  get running(): boolean {
    return this.#socket !== undefined && !this.#socket.closed
  }

  /** Puts a policy in force under a new domain and gives that domain. */
  register(policy: AdmissionPolicy): string {
    this.#lastDomain += 1
    const domain = `netgear-${this.#lastDomain}`
    this.#policies.set(domain, policy)
    clearTimeout(this.#idleTimer)
    void this.ready()
    return domain
  }

  /** Nobody gets in under this domain any more. */
  unregister(domain: string): void {
    this.#policies.delete(domain)
    if (this.#policies.size > 0) return
    // Its pending read would keep the process from ending. Not at once: a redeploy registers the next link right away.
    this.#idleTimer = setTimeout(() => this.#stop(), IDLE_MS)
    this.#idleTimer.unref()
  }

  /** Resolves when it answers, or when the signal aborts: a link that opened before would turn its first peers away. */
  async ready(signal?: AbortSignal): Promise<void> {
    while (!this.running && this.#policies.size > 0 && !signal?.aborted) {
      try {
        this.#start()
      } catch {
        // the old socket's address is not free yet, or there is no memory; until it works every handshake fails
        await delay(RESTART_PAUSE_MS)
      }
    }
  }

  /** Ends the answering socket as a fault would; it is opened anew after a pause. For tests of failing closed. */
  interrupt(): void {
    this.#socket?.close()
  }

  #start(): void {
    const socket = this.#openSocket()
    try {
      socket.bindSync(ENDPOINT)
    } catch (error) {
      socket.close()
      throw error
    }
    this.#socket = socket
    void this.#answerUntilClosed(socket)
  }

  #stop(): void {
    this.#socket?.close()
    this.#socket = undefined
  }

  async #answerUntilClosed(socket: Router): Promise<void> {
    while (!socket.closed) {
      try {
        for await (const parts of socket) void this.#answer(socket, parts)
      } catch {
        // one bad request must not end the answering of all others
      }
      await delay(RESTART_PAUSE_MS)
    }
    await this.ready()
  }

  async #answer(socket: Router, parts: Buffer[]): Promise<void> {
    const [path, delimiter, version, requestId, domain, address, , mechanism, credential] = parts
    if (!path || !delimiter || !version || !requestId || !domain || !address || !mechanism) return
    const admitted = await this.#decide(domain.toString(), address.toString(), mechanism.toString(), credential)
    const verdict = admitted ? ['200', 'OK'] : ['400', 'refused']
    try {
      // The user id stays empty: libzmq would deliver another one as a message of its own, which starves a SUB with a small queue.
      await socket.send([path, delimiter, version, requestId, ...verdict, '', null])
    } catch {
      // the peer waits for its handshake time-out; it is not let in
    }
  }

  async #decide(domain: string, address: string, mechanism: string, credential: Buffer | undefined): Promise<boolean> {
    const policy = this.#policies.get(domain)
    if (!policy) return false
    try {
      if (mechanism === 'NULL') return await policy({ address })
      if (mechanism === 'CURVE' && credential?.length === 32) {
        return await policy({ address, publicKey: z85Encode(credential) })
      }
    } catch {
      // an undecided knock is a refused one
    }
    return false
  }
}
