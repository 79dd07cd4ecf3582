import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red'
import { generateKeyPair } from '../../lib/keys/key-pair'
import registerIn from '../../nodes/netgear-in/netgear-in'
import registerKeys from '../../nodes/netgear-keys/netgear-keys'
import registerOut from '../../nodes/netgear-out/netgear-out'
import { Gathered } from '../links'

/** What these tests use of node-red-node-test-helper, which has no types. */
interface TestHelper {
  init(runtime: string): void
  load(nodes: unknown, flow: object[], credentials: object): Promise<void>
  unload(): Promise<void>
  getNode(id: string): Node
  settings(settings: object): void
  setFlows(flow: object[], deployType?: string): Promise<void>
  log(): { args: unknown[][] }
}

export const helper: TestHelper = require('node-red-node-test-helper')
helper.init(require.resolve('node-red'))

export type FrameMessage = NodeMessage & {
  data?: unknown
  complete?: boolean
  error?: { message: string; code?: string }
  netgear?: Record<string, unknown>
  status?: { fill?: string; shape?: string; text?: string; source?: { id: string } }
}

export const pair = generateKeyPair()

const KEYS = {
  id: 'keys',
  type: 'netgear-keys',
  name: 'yard',
  source: 'stored',
  publicKey: pair.publicKey,
  trusted: [],
  directory: '',
}
const TAB = { id: 'tab', type: 'tab', label: 'tab' }

/** A node's saved properties with the defaults of its dialog. */
export function netgearIn(options: object): object {
  return {
    id: 'in',
    z: 'tab',
    type: 'netgear-in',
    keys: 'keys',
    security: 'ironhouse',
    pattern: 'pubsub',
    mode: 'bind',
    address: '127.0.0.1',
    output: 'jpeg',
    pixels: 'rgb',
    wires: [['got']],
    ...options,
  }
}

export function netgearOut(options: object): object {
  return {
    id: 'out',
    z: 'tab',
    type: 'netgear-out',
    keys: 'keys',
    security: 'ironhouse',
    pattern: 'pubsub',
    mode: 'connect',
    address: '127.0.0.1',
    frame: 'payload',
    frameType: 'msg',
    data: 'data',
    dataType: 'msg',
    encoding: 'jpeg',
    quality: 90,
    wires: [],
    ...options,
  }
}

let current: FlowRuntime

/** A node that listens from its first moment on. */
function registerGather(RED: NodeAPI): void {
  function Gather(this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config)
    this.on('input', (message) => current[config.id as keyof Gathering].add(message as FrameMessage))
  }
  RED.nodes.registerType('gather', Gather)
}

type Gathering = Pick<FlowRuntime, 'got' | 'returned' | 'events' | 'caught' | 'completed' | 'statuses'>

/** A running Node-RED with one keys node «keys», and what reaches its helper nodes «got», «returned», «events», «caught», «completed», «statuses». */
export class FlowRuntime {
  readonly got = new Gathered<FrameMessage>()
  readonly events = new Gathered<FrameMessage>()
  readonly returned = new Gathered<FrameMessage>()
  readonly caught = new Gathered<FrameMessage>()
  readonly completed = new Gathered<FrameMessage>()
  readonly statuses = new Gathered<FrameMessage>()

  static async start(nodes: object[], secretKey = pair.secretKey): Promise<FlowRuntime> {
    const runtime = new FlowRuntime()
    current = runtime
    await helper.load([registerGather, registerKeys, registerIn, registerOut], runtime.#flow(nodes), {
      keys: { secretKey },
    })
    return runtime
  }

  /** Deploys other nodes in place of those before. */
  async deploy(nodes: object[], type = 'full'): Promise<void> {
    await helper.setFlows(this.#flow(nodes), type)
  }

  node(id: string): Node {
    return helper.getNode(id)
  }

  send(message: object, id = 'out'): void {
    helper.getNode(id).receive(message as NodeMessage)
  }

  /** Resolves when the link of the node whose events output is wired to «events» has a peer. */
  async connected(name = ''): Promise<void> {
    await this.event('connected', name)
  }

  /** Resolves with that event of the node of that name, also when it has happened already. */
  event(event: string, name: string): Promise<FrameMessage> {
    return this.events.first(({ topic, payload }) => topic === name && (payload as { event?: string }).event === event)
  }

  stop(): Promise<void> {
    return helper.unload()
  }

  #flow(nodes: object[]): object[] {
    const flow: object[] = [
      TAB,
      KEYS,
      ...nodes,
      { id: 'got', z: 'tab', type: 'gather' },
      { id: 'returned', z: 'tab', type: 'gather' },
      { id: 'events', z: 'tab', type: 'gather' },
      { id: 'catching', z: 'tab', type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', z: 'tab', type: 'gather' },
      { id: 'completing', z: 'tab', type: 'complete', scope: ['out', 'in'], wires: [['completed']] },
      { id: 'completed', z: 'tab', type: 'gather' },
      { id: 'watching', z: 'tab', type: 'status', scope: null, wires: [['statuses']] },
      { id: 'statuses', z: 'tab', type: 'gather' },
    ]
    // Node-RED takes a node without a place on the tab for a configuration node.
    return flow.map((node) => ('z' in node ? { x: 100, y: 100, ...node } : node))
  }
}
