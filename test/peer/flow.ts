import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { NodeMessage } from 'node-red'
import { generateKeyPair, type KeyPair } from '../../lib/keys/key-pair'
import type { TrustedPeer } from '../../lib/keys/trust-list'
import registerIn from '../../nodes/netgear-in/netgear-in'
import registerKeys from '../../nodes/netgear-keys/netgear-keys'
import registerOut from '../../nodes/netgear-out/netgear-out'
import { freePort } from '../free-port'
import { SECURITIES } from '../links'
import { type FrameMessage, helper, netgearIn, netgearOut } from '../node/flow-runtime'
import type { Settings } from './loopback'
import { Mailbox } from './mailbox'
import { PythonPeer } from './python'

export type Pattern = 0 | 1 | 2
type Secure = 0 | 1 | 2

/** NetGear's numbers are the places of our names. */
export const PATTERN_NAMES = ['pair', 'reqrep', 'pubsub'] as const

// Node-RED takes a node without a place for a config node.
const PLACE = { z: 'tab', x: 0, y: 0 }
// Seeds of tests are small.
const WARM_UP_SEED = 1_000_000

interface Keys {
  own: KeyPair
  trusted: TrustedPeer[]
}

/** The saved properties of one node under test, its defaults left out. */
export interface FlowNode {
  type: 'netgear-in' | 'netgear-out'
  id: string
  [property: string]: unknown
}

type NodeEvent = Record<string, unknown>

/** A running Node-RED with nodes of ours, whose outputs can be awaited. */
export class Flow {
  readonly #outputs = new Map<string, Mailbox<FrameMessage>>()
  readonly #done = new Mailbox<FrameMessage>('done')

  /** Deploys these nodes; a security level other than 0 gives them a keys node. Stops when the test ends. */
  static async start(t: TestContext, nodes: FlowNode[], keys?: Keys): Promise<Flow> {
    const flow = new Flow()
    t.after(() => helper.unload())
    const { secretKey, publicKey } = keys?.own ?? { secretKey: '', publicKey: '' }
    const keysNode = { id: 'keys', type: 'netgear-keys', name: '', source: 'stored', publicKey, trusted: keys?.trusted }
    const wired = nodes.map((node) => flow.#wire(node))
    const sinks = [...flow.#outputs.keys()].map((id) => ({ ...PLACE, id, type: 'helper' }))
    const tab = { id: 'tab', type: 'tab', label: 'tab' }
    const complete = {
      id: 'when-done',
      z: 'tab',
      type: 'complete',
      scope: nodes.map(({ id }) => id),
      wires: [['done']],
    }
    const done = { ...PLACE, id: 'done', type: 'helper' }
    await helper.load(
      [registerKeys, registerIn, registerOut],
      [tab, ...(keys ? [keysNode] : []), ...wired, ...sinks, complete, done],
      keys ? { keys: { secretKey } } : {},
    )
    for (const [id, mailbox] of flow.#outputs) {
      helper.getNode(id).on('input', (message) => mailbox.add(message as FrameMessage))
    }
    helper.getNode('done').on('input', (message) => flow.#done.add(message as FrameMessage))
    return flow
  }

  /** What leaves the first output: of netgear-in the frames, of a bidirectional netgear-out what was returned. */
  from(id: string): Mailbox<FrameMessage> {
    return this.#output(`${id}/0`)
  }

  /** The next event of that name that `matches`, on a node's last output. */
  async event(id: string, name: string, matches: (event: NodeEvent) => boolean = () => true): Promise<NodeEvent> {
    const isWanted = ({ payload }: FrameMessage) => isEvent(payload) && payload.event === name && matches(payload)
    return (await this.#output(`${id}/1`).next(isWanted)).payload as NodeEvent
  }

  /** How many events of that name nobody took. */
  untakenEvents(id: string, name: string): number {
    return this.#output(`${id}/1`).unclaimed.filter(({ payload }) => isEvent(payload) && payload.event === name).length
  }

  /** Hands a node a message; resolves when the node is done with it. */
  async send(id: string, message: object): Promise<void> {
    const _msgid = randomUUID()
    const done = this.#done.next((completed) => completed._msgid === _msgid)
    helper.getNode(id).receive({ ...message, _msgid } as NodeMessage)
    await done
  }

  /** Closes every node, as a deploy does. */
  stop(): Promise<void> {
    return helper.unload()
  }

  #wire(node: FlowNode): object {
    const outputs = node.type === 'netgear-in' || node.bidirectional === true ? [0, 1] : [1]
    const wires = outputs.map((index) => {
      const id = `${node.id}/${index}`
      this.#outputs.set(id, new Mailbox(id))
      return [id]
    })
    const withDefaults = node.type === 'netgear-in' ? netgearIn : netgearOut
    return withDefaults({ ...PLACE, ...node, events: true, wires })
  }

  #output(id: string): Mailbox<FrameMessage> {
    const mailbox = this.#outputs.get(id)
    if (!mailbox) throw new Error(`no node has the output ${id}`)
    return mailbox
  }
}

/** Keys of a node of ours and of a Python peer, each trusting the other, whichever end binds. */
export function sharedSecurity(secure: Secure): { ours: { security: string }; keys?: Keys; python: Settings } {
  const ours = { security: SECURITIES[secure] }
  if (secure === 0) return { ours, python: {} }
  const own = generateKeyPair()
  const other = generateKeyPair()
  return {
    ours,
    keys: { own, trusted: [{ name: 'python', publicKey: other.publicKey }] },
    python: { secure, ...other, serverKey: own.publicKey, allowedKeys: [own.publicKey] },
  }
}

interface EndsOptions {
  /** Of our node, besides id, pattern, security and port. */
  ours?: object
  python?: Settings
}

/** A netgear-in «in» and a Python sender that it has shaken hands with. */
export async function receiveFromPython(t: TestContext, pattern: Pattern, secure: Secure, options: EndsOptions = {}) {
  const { ours, keys, python } = sharedSecurity(secure)
  const port = await freePort()
  const node = { type: 'netgear-in', id: 'in', output: 'asis', pattern: PATTERN_NAMES[pattern] } as const
  const flow = await Flow.start(t, [{ ...node, ...ours, port: String(port), ...options.ours }], keys)
  const address = '127.0.0.1'
  const sender = await PythonPeer.start({ role: 'sender', pattern, port, address, ...python, ...options.python }, t)
  await flow.event('in', 'connected')
  if (pattern === 2) await untilSubscribed(sender, flow.from('in'))
  return { flow, sender, port }
}

/** A netgear-out «out» and a Python receiver that it has shaken hands with. */
export async function sendToPython(t: TestContext, pattern: Pattern, secure: Secure, options: EndsOptions = {}) {
  const { ours, keys, python } = sharedSecurity(secure)
  const port = await freePort()
  const address = '127.0.0.1'
  const config = { role: 'receiver', pattern, port, address, ...python, ...options.python } as const
  const receiver = await PythonPeer.start(config, t)
  const node = { type: 'netgear-out', id: 'out', pattern: PATTERN_NAMES[pattern] } as const
  const flow = await Flow.start(t, [{ ...node, ...ours, port: String(port), ...options.ours }], keys)
  await flow.event('out', 'connected')
  return { flow, receiver, port }
}

/** A PUB drops what it sends before the subscription of the other end has reached it, and nothing tells when it has. */
export async function untilSubscribed(sender: PythonPeer, frames: Mailbox<FrameMessage>): Promise<void> {
  const arrived = frames.next()
  const burst = sender.command('burst', { picture: { seed: WARM_UP_SEED, shape: [1, 1] }, count: 500, fps: 100 })
  await arrived
  await sender.command('stop', {})
  await burst
  // Its queue holds one message: what waits there would have the next one dropped.
  await sender.command('pause', { seconds: 0.05 })
}

/** The next frame with the formula's picture of that seed, told by the data that Python's senders let travel along. */
export function frameOf(frames: Mailbox<FrameMessage>, seed: number): Promise<FrameMessage> {
  return frames.next(({ data }) => typeof data === 'object' && data !== null && 'seed' in data && data.seed === seed)
}

function isEvent(payload: unknown): payload is NodeEvent {
  return typeof payload === 'object' && payload !== null && 'event' in payload
}
