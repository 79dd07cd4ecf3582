import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, type KeyPair } from '../../lib/keys/key-pair'
import type { EndOptions } from '../../lib/link/options'
import { DelayedRelay } from '../chaos/delayed-relay'
import { freePort } from '../free-port'
import { directoryKeys, netgearIn, netgearOut, storedKeys, TAB } from '../trust/flows'
import { Arrivals } from './arrivals'
import { SmallDisk } from './disk'
import { DoorKeys } from './door-keys'
import { LOOPBACK, type Network, OWN_NAMESPACES, SwitchedNetwork } from './network'
import { type Deployment, PipelineNodeRed } from './node-red'
import { PythonEnd, type PythonEndSettings } from './python-end'

export type Pattern = EndOptions['pattern']
export type RuntimeName = 'a' | 'b'
export const RUNTIMES = ['a', 'b'] as const

export interface PipelineOptions {
  /** Of the three hops, from the sender on. */
  patterns: readonly [Pattern, Pattern, Pattern]
  fps: number
  width: number
  height: number
}

/** What the link between the two Node-REDs is set to, which faults change. */
export interface MiddleKeys {
  /** The key pair of the end that connects, which is A's, and which key that end wants to see. */
  connecting: KeyPair
  wanted: string
  /** The key pair of the end that waits, which is B's, and the public keys that it lets in, by name. */
  waiting: KeyPair
  trusted: Record<string, string>
  /** The pair that A's end had before; nobody lets it in any more. */
  former?: KeyPair
}

/**
 * Python sender → Node-RED A → Node-RED B → Python receiver, each in a process of its own, each hop IronHouse with keys of its own.
 * The receiving end of each hop waits. In namespaces of its own the parts are on four hosts, and A's files on a small disk.
 */
export class Pipeline {
  readonly arrivals = new Arrivals()
  readonly network: Network
  readonly nodeReds: Record<RuntimeName, PipelineNodeRed>
  readonly sender: PythonEnd
  readonly receiver: PythonEnd
  /** Node-RED A's keys towards the sender, which lie in a directory. */
  readonly door: DoorKeys
  readonly disk: SmallDisk | undefined
  readonly middle: MiddleKeys
  /** Properties of nodes, by id, that differ from those at the start. */
  readonly changes: Record<string, Record<string, unknown>> = {}
  /** In place of hops' direct connections, by the name of the hop. */
  readonly relays = new Map<string, DelayedRelay>()
  readonly #options: PipelineOptions
  readonly #folder: string
  readonly #last = { exit: generateKeyPair(), receiver: generateKeyPair() }
  readonly #ports: Record<'a' | 'b' | 'receiver', number>

  private constructor(options: PipelineOptions, network: Network, ports: [number, number, number, number, number]) {
    this.#options = options
    this.network = network
    this.#folder = mkdtempSync(join(tmpdir(), 'netgear-pipeline-'))
    const disk = join(this.#folder, 'disk')
    this.disk = network === LOOPBACK ? undefined : new SmallDisk(disk)
    this.door = new DoorKeys(join(disk, '.vidgear', 'keys'))
    const pair = generateKeyPair()
    const waiting = generateKeyPair()
    this.middle = { connecting: pair, wanted: waiting.publicKey, waiting, trusted: { a: pair.publicKey } }
    this.#ports = { a: ports[0], b: ports[1], receiver: ports[2] }
    const nodeRed = (name: RuntimeName, port: number, userDir: string) =>
      new PipelineNodeRed({ name, host: network.addressOf(name), port, userDir, inside: network.inside(name) })
    this.nodeReds = {
      a: nodeRed('a', ports[3], join(disk, 'node-red')),
      b: nodeRed('b', ports[4], join(this.#folder, 'b')),
    }
    this.sender = new PythonEnd('sender.py', network.inside('sender'))
    this.receiver = new PythonEnd('receiver.py', network.inside('receiver'), (frame) => this.arrivals.add(frame))
  }

  /** Starts everything; resolves when the first frame is through. */
  static async open(options: PipelineOptions): Promise<Pipeline> {
    const network = process.env[OWN_NAMESPACES] ? await SwitchedNetwork.open() : LOOPBACK
    const ports = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()] as const
    const pipeline = new Pipeline(options, network, [...ports])
    try {
      await pipeline.#start()
    } catch (error) {
      await pipeline.close()
      throw error
    }
    return pipeline
  }

  startSender(): Promise<void> {
    const [pattern] = this.#options.patterns
    const { sender, publicKey } = this.door
    return this.sender.start(this.#python(pattern, sender, { endpoint: this.#relayed('camera'), serverKey: publicKey }))
  }

  startReceiver(): Promise<void> {
    const [, , pattern] = this.#options.patterns
    const endpoint = `tcp://${this.network.addressOf('receiver')}:${this.#ports.receiver}`
    const peerKey = this.#last.exit.publicKey
    return this.receiver.start(this.#python(pattern, this.#last.receiver, { endpoint, peerKey }))
  }

  /** Has that Node-RED run its flows as they are to be now. */
  async deploy(name: RuntimeName, type: Deployment = 'nodes'): Promise<void> {
    await this.nodeReds[name].deploy(this.flows(name), type)
  }

  /** Where B waits for A. */
  get middleEndpoint(): { address: string; port: number } {
    return { address: this.network.addressOf('b'), port: this.#ports.b }
  }

  get middlePattern(): Pattern {
    return this.#options.patterns[1]
  }

  flows(name: RuntimeName): object[] {
    const [camera, middle, last] = this.#options.patterns
    const { address, port } = this.middleEndpoint
    const between = this.relays.get('middle')
    const changed = (id: string) => ({ output: 'jpeg', ...this.changes[id] })
    if (name === 'a') {
      const { connecting, wanted } = this.middle
      const listens = { pattern: camera, address: this.network.addressOf('a'), wires: [['a-out']] }
      const connects = { pattern: middle, address: between ? '127.0.0.1' : address }
      return [
        TAB,
        directoryKeys('a-door', this.door.folder),
        storedKeys('a-exit', connecting, { b: wanted }),
        netgearIn('a-in', 'a-door', this.#ports.a, { ...listens, ...changed('a-in') }),
        netgearOut('a-out', 'a-exit', between?.port ?? port, { ...connects, ...this.changes['a-out'] }),
      ]
    }
    const { waiting, trusted } = this.middle
    const { exit, receiver } = this.#last
    const listens = { pattern: middle, address, wires: [['b-out']] }
    const connects = { pattern: last, address: this.network.relayAddress }
    return [
      TAB,
      storedKeys('b-door', waiting, trusted),
      storedKeys('b-exit', exit, { receiver: receiver.publicKey }),
      netgearIn('b-in', 'b-door', port, { ...listens, ...changed('b-in') }),
      netgearOut('b-out', 'b-exit', this.#relay('last').port, { ...connects, ...this.changes['b-out'] }),
    ]
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    const nodeReds = Object.values(this.nodeReds)
    await Promise.all([this.sender.kill(), this.receiver.kill(), ...nodeReds.map((nodeRed) => nodeRed.end('SIGKILL'))])
    for (const relay of this.relays.values()) await relay.close()
    await this.network.close()
    this.disk?.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(): Promise<void> {
    const { a, b, receiver } = this.#ports
    const relay = async (hop: string, host: 'a' | 'b' | 'receiver', port: number) => {
      const place = { host: this.network.relayAddress, targetHost: this.network.addressOf(host) }
      this.relays.set(hop, await DelayedRelay.open(port, 0, place))
    }
    await relay('camera', 'a', a)
    if (!this.network.cables) await relay('middle', 'b', b)
    await relay('last', 'receiver', receiver)
    const nodeReds = RUNTIMES.map(async (name) => {
      await this.nodeReds[name].start()
      await this.deploy(name, 'full')
    })
    await Promise.all([this.startReceiver(), ...nodeReds])
    await this.startSender()
    if ((await this.arrivals.back(15_000)) === undefined) throw new Error(`No frame came through: ${this.log()}`)
  }

  /** The newest of what the Node-REDs logged. */
  log(): string {
    return RUNTIMES.map((name) => `${name}:\n${this.nodeReds[name].log.slice(-15).join('\n')}`).join('\n')
  }

  #relay(hop: string): DelayedRelay {
    const relay = this.relays.get(hop)
    if (!relay) throw new Error(`there is no relay in the hop ${hop}`)
    return relay
  }

  #relayed(hop: string): string {
    return `tcp://${this.network.relayAddress}:${this.#relay(hop).port}`
  }

  #python(
    pattern: Pattern,
    { publicKey, secretKey }: KeyPair,
    other: Pick<PythonEndSettings, 'endpoint' | 'serverKey' | 'peerKey'>,
  ): PythonEndSettings {
    const { fps, width, height } = this.#options
    return { pattern, publicKey, secretKey, fps, width, height, ...other }
  }
}
