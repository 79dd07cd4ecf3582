import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { after, test } from 'node:test'
import type { Node, NodeAPI } from 'node-red'
import { generateKeyPair } from '../../lib/keys/key-pair'
import type { LinkEvent, LinkEventListener } from '../../lib/link/link-events'
import type { LinkOptions } from '../../nodes/link-options'
import { LinkRuntime, type LinkSettings } from '../../nodes/link-runtime'

const TEN_SECONDS = 10_000
const HOUR = 3_600_000

const config: LinkOptions = {
  name: '',
  security: 'grassland',
  keys: '',
  pattern: 'pubsub',
  mode: 'bind',
  protocol: 'tcp',
  address: '127.0.0.1',
  port: '5555',
  peer: '',
  maxFps: 0,
  bidirectional: false,
  events: true,
}

const place = { endpoint: 'tcp://127.0.0.1:5555', port: 5555, count: 1 }
const refused: LinkEvent = { event: 'refused', ...place, code: 'NETGEAR_KEY_NOT_TRUSTED', reason: 'Stranger.' }
const invalid: LinkEvent = { event: 'invalid', ...place, code: 'NETGEAR_HEADER', reason: 'No JSON.' }

const runtimes: LinkRuntime<ReturnType<typeof idleEnd>>[] = []
after(() => Promise.all(runtimes.map((runtime) => runtime.close())))

function keysNode() {
  return { keyring: () => ({ own: generateKeyPair(), trusted: [] }), onKeysChanged: () => () => undefined }
}

function idleEnd() {
  const stats = { frames: 0, bytes: 0, fps: 0, bitsPerSecond: 0, dropped: 0, lost: 0, invalid: 0, peers: 0 }
  return {
    state: { state: 'waiting' } as const,
    stats: () => stats,
    statsByPort: () => new Map([[5555, stats]]),
    close: async () => undefined,
  }
}

/** A node's running over a link on which happens what the test says. */
function startRuntime(options: Partial<LinkOptions> = {}, close = async () => undefined) {
  const nodes = new Map<string, object>()
  nodes.set('keys', keysNode())
  const warnings: string[] = []
  let opened = 0
  const events: object[] = []
  let tell: LinkEventListener = () => undefined
  const flows = new EventEmitter()
  const node = { id: 'in', type: 'netgear-in', status: () => undefined, warn: (text: string) => warnings.push(text) }
  const open = ({ onEvent = tell }: LinkSettings) => {
    tell = onEvent
    opened += 1
    return { ...idleEnd(), close }
  }
  const runtime = new LinkRuntime({
    RED: {
      settings: {},
      events: flows,
      nodes: { getNode: (id: string) => nodes.get(id) },
      _: (key: string) => key,
    } as unknown as NodeAPI,
    node: node as unknown as Node,
    config: { ...config, ...options },
    role: 'receiver',
    open,
    sendEvent: ({ payload }) => events.push(payload),
  })
  runtimes.push(runtime)
  flows.emit('flows:started')
  return {
    warnings,
    events,
    nodes,
    opened: () => opened,
    deployed: () => flows.emit('flows:started'),
    tell: (event: LinkEvent) => tell(event),
  }
}

for (const event of [refused, invalid]) {
  test(`what is ${event.event} every ten seconds is an event each time, and in the log less and less often`, (t) => {
    let now = performance.now()
    t.mock.method(performance, 'now', () => now)
    const { warnings, events, tell } = startRuntime()
    for (let passed = 0; passed < HOUR; passed += TEN_SECONDS) {
      tell(event)
      now += TEN_SECONDS
    }
    assert.equal(events.length, HOUR / TEN_SECONDS)
    assert.ok(warnings.length > 5 && warnings.length < 15, warnings.join('\n'))
    assert.match(
      warnings.at(-1) ?? '',
      event === refused ? /^Stranger\. \(\d\d+ times\)$/ : /^\d\d+ invalid: No JSON\.$/,
    )
  })
}

test('a link opens anew with another keys node, and only once, however often flows start meanwhile', async () => {
  let closed: () => void = () => undefined
  const closing = new Promise<undefined>((resolve) => {
    closed = () => resolve(undefined)
  })
  const { nodes, opened, deployed } = startRuntime({ security: 'ironhouse', keys: 'keys' }, () => closing)
  assert.equal(opened(), 1)
  deployed()
  nodes.set('keys', keysNode())
  deployed()
  deployed()
  closed()
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  assert.equal(opened(), 2)
})
