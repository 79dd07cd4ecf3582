import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import type { LinkFigures } from '../../nodes/preview/answers'
import { ConnectedPeers } from '../../nodes/preview/connected-peers'
import { liveLinks } from '../../nodes/preview/live-link'
import { FlowRuntime, helper, netgearIn, pair } from './flow-runtime'
import { get, jpeg, startLink } from './preview-flow'

let runtime: FlowRuntime
afterEach(async () => {
  await helper.unload()
})

async function figuresOf(id: string): Promise<LinkFigures> {
  const { status, body } = await get(`links?node=${id}`)
  assert.equal(status, 200)
  const [figures] = body as LinkFigures[]
  return figures ?? assert.fail()
}

describe('the figures of the links', () => {
  test('tell state, speed, frame, peers and events; nothing secret', async () => {
    runtime = await startLink({ security: 'ironhouse' }, { name: 'cam' })
    runtime.send({ payload: await jpeg(640, 480) })
    await runtime.got.next()
    const { body } = await get('links')
    const [receiver, sender] = body as LinkFigures[]
    assert.ok(receiver?.stats && sender?.stats)
    assert.deepEqual(
      [receiver.id, receiver.editorId, receiver.type, receiver.name, receiver.security, receiver.state],
      ['in', 'in', 'netgear-in', 'yard', 'ironhouse', 'connected'],
    )
    const { age, bytes, ...frame } = receiver.frame ?? assert.fail()
    assert.deepEqual(frame, { encoding: 'jpeg', width: 640, height: 480 })
    assert.ok(age >= 0 && age < 5000 && bytes > 1000)
    assert.equal(receiver.stats.frames, 1)
    assert.ok(receiver.stats.latency)
    assert.deepEqual(
      receiver.peers.map(({ address, publicKey }) => [address, publicKey]),
      [['127.0.0.1', pair.publicKey]],
    )
    assert.deepEqual(
      receiver.events.map(({ event }) => event),
      ['connected', 'listening'],
    )
    assert.ok(Math.abs(Date.now() - (receiver.events[0]?.at ?? 0)) < 10_000)
    assert.equal(JSON.stringify(body).includes(pair.secretKey), false)
  })

  test('say why a link does not open', async () => {
    runtime = await FlowRuntime.start([netgearIn({ port: '70000' })])
    const { state, reason, stats, events } = await figuresOf('in')
    assert.equal(state, 'failed')
    assert.match(reason ?? '', /Port "70000"/)
    assert.equal(stats, undefined)
    assert.deepEqual(
      events.map(({ event, code }) => [event, code]),
      [['failed', 'NETGEAR_PORT']],
    )
  })

  test('tell in one event what happens again and again', async () => {
    runtime = await startLink()
    const [link] = liveLinks()
    const busy = { event: 'dropped', endpoint: 'tcp://*:5555', reason: 'busy' } as const
    for (let second = 1; second <= 50; second += 1) link?.note({ ...busy, count: 15 })
    link?.note({ ...busy, reason: 'nobody there', count: 1 })
    const { events } = await figuresOf('in')
    assert.deepEqual(
      events.map(({ event, count }) => [event, count]),
      [
        ['dropped', 1],
        ['dropped', 750],
        ['connected', undefined],
        ['listening', undefined],
      ],
    )
  })

  test('keep the last 20 events, and forget a peer that has left', async () => {
    runtime = await startLink()
    const [link] = liveLinks()
    for (let count = 1; count <= 50; count += 1) {
      link?.note({ event: 'dropped', endpoint: 'tcp://*:5555', reason: `reason ${count}`, count })
    }
    const { events, peers } = await figuresOf('in')
    assert.deepEqual(
      events.map(({ count }) => count),
      Array.from({ length: 20 }, (_, index) => 50 - index),
    )
    assert.equal(peers.length, 1)
    const [{ port } = {}] = peers
    assert.ok(port)
    link?.peers.note({ event: 'disconnected', endpoint: 'tcp://*:5555', port }, 0)
    assert.deepEqual((await figuresOf('in')).peers, [])
  })

  test('forget those who have left a port, and not those of another', () => {
    const peers = new ConnectedPeers()
    const at = (port: number) => ({ endpoint: `tcp://*:${port}`, port })
    for (const [port, name] of [
      [1, 'porch'],
      [1, 'yard'],
      [2, 'gate'],
    ] as const)
      peers.note({ event: 'connected', ...at(port), name }, 1)
    // Who of several has left is not known.
    peers.note({ event: 'disconnected', ...at(1) }, 1)
    peers.note({ event: 'disconnected', ...at(1) }, 0)
    peers.note({ event: 'connected', ...at(1), name: 'attic' }, 1)
    assert.deepEqual(
      peers.list.map(({ name }) => name),
      ['gate', 'attic'],
    )
  })
})
