import type { Node, NodeAPI, NodeStatus } from 'node-red'
import { leavesMachine } from '../lib/link/endpoint'
import type { EndOptions } from '../lib/link/options'
import { SECURITY_NAMES } from '../lib/link/security'
import type { NetgearError } from '../lib/wire/error'
import type { LinkEnd } from './link-end'

const INTERVAL_MS = 1000
// Until the flow's Status nodes are there too.
const FIRST_MS = 100

/** Shows one short text below a node, at most once a second: every change goes to all open editors. */
export class LinkStatus {
  readonly #RED: NodeAPI
  readonly #node: Node
  readonly #timer: NodeJS.Timeout
  #followed: { end: LinkEnd; settings: EndOptions } | undefined
  #problem: NetgearError | undefined
  #shown = ''
  #shownAt: number
  #soon: NodeJS.Timeout | undefined

  constructor(RED: NodeAPI, node: Node) {
    this.#RED = RED
    this.#node = node
    this.#shownAt = performance.now() - INTERVAL_MS + FIRST_MS
    this.#timer = setInterval(() => this.#update(), INTERVAL_MS)
  }

  /** Shows from now on how that receiver or sender does. */
  follow(end: LinkEnd, settings: EndOptions): void {
    this.#followed = { end, settings }
    this.#problem = undefined
    this.soon()
  }

  /** Shows why there is no link. */
  show(error: NetgearError): void {
    this.#followed = undefined
    this.#problem = error
    this.soon()
  }

  /** Something has changed: show it as soon as the last text has stood for a second. */
  soon(): void {
    this.#soon ??= setTimeout(
      () => {
        this.#soon = undefined
        this.#update()
      },
      Math.max(0, this.#shownAt + INTERVAL_MS - performance.now()),
    )
  }

  close(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    this.#followed = undefined
    this.#problem = undefined
    this.#node.status({})
  }

  #update(): void {
    if (this.#problem) this.#trouble(this.#problem)
    if (!this.#followed) return
    const { end, settings } = this.#followed
    const { state } = end
    if (state.state === 'failed' || state.state === 'refused') this.#trouble(state.error)
    else if (state.state === 'waiting') {
      this.#set({ fill: 'yellow', shape: 'ring', text: this.#text('waiting') })
    } else this.#set(this.#connected(end, settings))
  }

  #trouble({ code }: NetgearError): void {
    this.#set({ fill: 'red', shape: 'ring', text: this.#text(code) })
  }

  #connected(end: LinkEnd, { security, protocol, address, ports: [port = 0] }: EndOptions): NodeStatus {
    const { fps, bitsPerSecond } = end.stats()
    const exposed = security.level === 'grassland' && leavesMachine({ protocol, address, port })
    const name = exposed ? this.#text('unencrypted') : SECURITY_NAMES[security.level]
    const ofPorts = [...end.statsByPort().values()]
    const served = ofPorts.filter(({ peers }) => peers > 0).length
    const share = ofPorts.length > 1 ? ` · ${served}/${ofPorts.length}` : ''
    const text = `${name}${share} · ${fps.toFixed(1)} fps · ${megabits(bitsPerSecond)} Mbit/s`
    return { fill: exposed || served < ofPorts.length ? 'yellow' : 'green', shape: 'dot', text }
  }

  #set(status: NodeStatus): void {
    const text = JSON.stringify(status)
    if (text === this.#shown) return
    this.#shown = text
    this.#shownAt = performance.now()
    this.#node.status(status)
  }

  /** The short text for a state or an error code, from the node's catalogue; what has none of its own is told by its family's. */
  #text(key: string): string {
    const path = `link.status.${key}`
    const text = this.#RED._(path)
    if (text !== path || !key.startsWith('NETGEAR_')) return text
    return this.#RED._(`link.status.${key.startsWith('NETGEAR_KEY') ? 'keys' : 'error'}`)
  }
}

function megabits(bitsPerSecond: number): string {
  const megabits = bitsPerSecond / 1e6
  return megabits < 10 ? megabits.toFixed(1) : megabits.toFixed(0)
}
