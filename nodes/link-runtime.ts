import type { Node, NodeAPI } from 'node-red'
import { describeEndpoint, leavesMachine } from '../lib/link/endpoint'
import type { LinkLimits } from '../lib/link/limits'
import type { LinkEvent } from '../lib/link/link-events'
import type { EndOptions } from '../lib/link/options'
import { NetgearError } from '../lib/wire/error'
import { onFlowsStarted } from './flows-started'
import type { LinkEnd } from './link-end'
import type { LinkOptions } from './link-options'
import { booleanSetting, keysNodeOf, linkSettings, processLimits, type Role } from './link-settings'
import { LinkStatus } from './link-status'
import { LiveLink } from './preview/live-link'
import { RepeatedWarnings } from './repeated-warnings'

const STATS_MS = 5000
const PROBLEM_AGAIN_MS = 10_000

/** What a node's link is opened with. */
export type LinkSettings = EndOptions & { limits: LinkLimits }

export interface LinkRuntimeOptions<End extends LinkEnd> {
  RED: NodeAPI
  node: Node
  config: LinkOptions
  role: Role
  /** Makes the receiver or the sender; throws a `NetgearError` when the settings cannot work. */
  open(settings: LinkSettings): End
  /** Sends a message to the events output. */
  sendEvent(message: { topic: string; payload: object }): void
}

/**
 * Runs the link of one node: opens it from the saved properties, opens it anew when its keys change, shows its status, tells its
 * events, and is the one place where its errors are handled.
 */
export class LinkRuntime<End extends LinkEnd> {
  /** What the editor is shown of the link. */
  readonly live: LiveLink
  readonly #options: LinkRuntimeOptions<End>
  readonly #status: LinkStatus
  readonly #warnings: RepeatedWarnings
  readonly #events: boolean
  readonly #statsTimer: NodeJS.Timeout | undefined
  #end: End | undefined
  #problem: NetgearError | undefined
  #problemToldAt = Number.NEGATIVE_INFINITY
  #keysNode: Node | undefined
  #forgetKeys: () => void = () => undefined
  readonly #forgetFlows: () => void
  /** Until those are there who may be told. */
  #untold: object[] | undefined = []
  #closed = false
  #reopening: Promise<void> = Promise.resolve()

  constructor(options: LinkRuntimeOptions<End>) {
    this.#options = options
    const { RED, node, config } = options
    this.#events = booleanSetting(config.events)
    this.#status = new LinkStatus(RED, node)
    this.#warnings = new RepeatedWarnings((text) => node.warn(text))
    this.live = new LiveLink({ node, config, end: () => this.#end, problem: () => this.problem })
    if (this.#events) {
      this.#statsTimer = setInterval(() => this.#tellStats(), STATS_MS)
    }
    this.#forgetFlows = onFlowsStarted(RED, () => this.#flowsStarted())
    this.#open()
  }

  /** The open receiver or sender; undefined while the settings or keys do not allow one. */
  get end(): End | undefined {
    return this.#end
  }

  /** Why the link could not be opened; undefined while there is one, and between two of them when its keys change. */
  get failure(): NetgearError | undefined {
    return this.#problem
  }

  /** Why there is no link, where there is none. */
  get problem(): NetgearError {
    return this.#problem ?? new NetgearError('NETGEAR_CLOSED', 'The link is closed.')
  }

  /** The problem, for a message that could not be sent because of it; undefined where that was told not long ago, or is none. */
  problemToTell(): NetgearError | undefined {
    // A camera's frames go on coming while its flow stops.
    if (this.#closed) return undefined
    const now = performance.now()
    if (now - this.#problemToldAt < PROBLEM_AGAIN_MS) return undefined
    if (this.#problem) this.#problemToldAt = now
    return this.#problem
  }

  /** Resolves when the port is free again. */
  async close(closeEnd: (end: End) => Promise<void> = (end) => end.close()): Promise<void> {
    this.#closed = true
    this.live.close()
    clearInterval(this.#statsTimer)
    this.#forgetFlows()
    this.#forgetKeys()
    this.#status.close()
    await this.#reopening
    const end = this.#end
    this.#end = undefined
    if (end) await closeEnd(end)
  }

  #open(): void {
    const { RED, node, config, role, open } = this.#options
    this.#keysNode = this.#currentKeysNode()
    try {
      const keysNode = keysNodeOf(RED, config)
      this.#forgetKeys = keysNode?.onKeysChanged(() => this.#reopen()) ?? this.#forgetKeys
      const settings = { ...linkSettings(config, role, keysNode), limits: processLimits(RED) }
      this.#warnOfPlaintext(settings)
      this.#end = open({
        ...settings,
        onEvent: (event) => this.#tell(event),
        onChange: () => this.#status.soon(),
      })
      this.#problem = undefined
      this.#problemToldAt = Number.NEGATIVE_INFINITY
      this.#warnings.forget()
      this.#status.follow(this.#end, settings)
    } catch (error) {
      this.#problem = asNetgearError(error)
      this.#status.show(this.#problem)
      node.error(this.#problem.message)
      const failure = { event: 'failed', code: this.#problem.code, reason: this.#problem.message } as const
      this.live.note(failure)
      this.#sendEvent(failure)
    }
  }

  #currentKeysNode(): Node | undefined {
    const { RED, config } = this.#options
    return config.security === 'grassland' ? undefined : (RED.nodes.getNode(config.keys) ?? undefined)
  }

  /**
   * Of the nodes that use a keys node, Node-RED starts only those anew in whose properties its id stands: not where an environment variable
   * or a subflow gives it, and not where the keys node was missing before.
   */
  #flowsStarted(): void {
    const untold = this.#untold ?? []
    this.#untold = undefined
    for (const payload of untold) this.#sendEvent(payload)
    const keysNode = this.#currentKeysNode()
    if (this.#closed || keysNode === this.#keysNode) return
    this.#keysNode = keysNode
    this.#reopen()
  }

  /** The keys have changed: nobody who lost our trust may stay, so the old link ends before the new one begins. */
  #reopen(): void {
    this.#reopening = this.#reopening.then(async () => {
      const old = this.#end
      this.#end = undefined
      this.#forgetKeys()
      await old?.close().catch((error: unknown) => this.#options.node.error(asNetgearError(error).message))
      if (!this.#closed) this.#open()
    })
  }

  #warnOfPlaintext({ security, mode, protocol, address, ports }: EndOptions): void {
    const [port = 0] = ports
    const endpoint = { protocol, address, port }
    if (security.level !== 'grassland' || !leavesMachine(endpoint)) return
    this.#options.node.warn(
      `${describeEndpoint(endpoint)} ${mode === 'bind' ? 'lets anyone in' : 'is used'} without encryption (Grassland). ` +
        'Set Security to StoneHouse or IronHouse, unless everybody on this network may see and send pictures.',
    )
  }

  #tell(event: LinkEvent): void {
    if (this.#closed) return
    const { node } = this.#options
    if (event.event === 'failed') node.error(event.reason)
    if (event.event === 'refused' || event.event === 'invalid') this.#warn(event)
    this.#status.soon()
    this.live.note(event)
    this.#sendEvent(event)
  }

  #warn(event: Extract<LinkEvent, { event: 'refused' | 'invalid' }>): void {
    const { reason, code, endpoint } = event
    const who = event.event === 'refused' ? `${event.address} ${event.publicKey}` : ''
    this.#warnings.add(`${event.event} ${code} ${endpoint}`, who, event.count, (count) => {
      if (event.event === 'invalid') return `${count} invalid: ${reason}`
      return count > 1 ? `${reason} (${count} times)` : reason
    })
  }

  #tellStats(): void {
    if (!this.#end) return
    const byPort = Object.fromEntries(this.#end.statsByPort())
    this.#sendEvent({ event: 'stats', ...this.#end.stats(), ...(Object.keys(byPort).length > 1 && { ports: byPort }) })
  }

  #sendEvent(payload: object): void {
    if (!this.#events || this.#closed) return
    if (this.#untold) {
      this.#untold.push(payload)
      return
    }
    const { node, sendEvent } = this.#options
    sendEvent({ topic: node.name ?? '', payload })
  }
}

/** Any thrown value as an error with a code and a text for the user. */
export function asNetgearError(error: unknown): NetgearError {
  if (error instanceof NetgearError) return error
  return new NetgearError('NETGEAR_UNEXPECTED', error instanceof Error ? error.message : String(error), {
    cause: error,
  })
}
