import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EXAMPLE_NAMES, example, linkNodes, nodeNamed, portsOf } from './example-flows'

const numbers = EXAMPLE_NAMES.map((_, index) => index + 1)
const all = numbers.map(example)

/** The function of example 9 that keeps the last seconds, run as Node-RED runs it, on a clock of the test's own. */
function runningRing(limit?: { of: string; becomes: string }) {
  const { func, initialize } = nodeNamed(example(9), 'the last 10 seconds')
  const store = new Map<string, unknown>()
  const context = { get: (key: string) => store.get(key), set: (key: string, value: unknown) => store.set(key, value) }
  new Function('context', String(initialize))(context)
  const code = limit ? String(func).replace(limit.of, limit.becomes) : String(func)
  assert.ok(!limit || code !== func)
  const run = new Function('context', 'node', 'Date', 'msg', code)
  const warnings: string[] = []
  let now = 0
  class Clock extends Date {
    constructor() {
      super(now)
    }
    static override now = () => now
  }
  const node = { warn: (text: string) => void warnings.push(text) }
  return {
    warnings,
    frame: (at: number, jpeg: Buffer) => {
      now = at
      run(context, node, Clock, { payload: jpeg, netgear: { type: 'frame' } })
    },
    event: (at: number): { payload: Buffer; frames: number; filename: string; play: string } | undefined => {
      now = at
      return run(context, node, Clock, { topic: 'event' })
    },
  }
}

describe('the examples', () => {
  test('are ten, shown in the order of their numbers', () => {
    assert.deepEqual(
      EXAMPLE_NAMES.map((name) => name.slice(0, 5)),
      ['01 - ', '02 - ', '03 - ', '04 - ', '05 - ', '06 - ', '07 - ', '08 - ', '09 - ', '10 - '],
    )
  })

  for (const number of numbers) {
    const flow = example(number)

    test(`${EXAMPLE_NAMES[number - 1]}: explained, whole and without keys`, () => {
      const [comment, ...others] = flow.filter(({ type }) => type === 'comment')
      assert.match(String(comment?.info), /keys node makes its key pair now/)
      assert.match(String(comment?.info), /camera|Python/)
      assert.ok(others.length > 0)
      for (const [, name] of String(comment?.name).matchAll(/“(.+?)”/g)) assert.ok(nodeNamed(flow, String(name)).keys)
      // Bold are nodes, and what one has to have or drag.
      for (const [, name] of String(comment?.info).matchAll(/\*\*(.+?)\*\*/g)) {
        if (!/^(ffmpeg|rpicam-vid|netgear-in|netgear-out)$/.test(String(name))) nodeNamed(flow, String(name))
      }
      for (const [, name] of String(comment?.info).matchAll(/\bgroup \*(.+?)\*/g)) nodeNamed(flow, String(name))
      for (const [, name] of String(comment?.info).matchAll(/\bexample \*(.+?)\*/g)) {
        assert.ok(EXAMPLE_NAMES.includes(String(name)))
      }
      for (const keys of flow.filter(({ type }) => type === 'netgear-keys')) {
        assert.deepEqual([keys.source, keys.publicKey, keys.trusted, keys.credentials], ['stored', '', [], undefined])
      }
    })

    test(`${EXAMPLE_NAMES[number - 1]}: every node is in a group of the tab, and leads to nodes of its own`, () => {
      const ids = new Set(flow.map(({ id }) => id))
      for (const { type, z, g, wires, links, keys, nodes } of flow) {
        const named = [wires, links, nodes].flatMap((list) => (list as string[][] | undefined)?.flat() ?? [])
        for (const target of named) assert.ok(ids.has(target))
        if (keys !== undefined) assert.ok(ids.has(String(keys)))
        if (z !== undefined) assert.equal(z, flow[0]?.id)
        if (z !== undefined && type !== 'comment' && type !== 'group') assert.ok(ids.has(String(g)), type)
      }
    })
  }

  test('can be imported side by side: no id, no port and no page twice', () => {
    const once = (values: unknown[]) => assert.deepEqual(values.length, new Set(values).size)
    const nodes = all.flat()
    once(nodes.map(({ id }) => id))
    once(nodes.filter(({ type }) => type === 'http in').map(({ method, url }) => `${method} ${url}`))
    once(linkNodes(nodes).flatMap((node) => (node.mode === 'bind' ? portsOf(node) : [])))
    const portsByExample = all.map((flow) => [...new Set(linkNodes(flow).flatMap(portsOf))])
    once(portsByExample.flat())
  })

  test('are encrypted, and wait only on this machine where the camera is simulated', () => {
    for (const flow of all) {
      const simulated = flow.some(({ name }) => /test picture/.test(String(name)))
      for (const { security, mode, address } of linkNodes(flow)) {
        assert.notEqual(security, 'grassland')
        if (simulated && mode === 'bind') assert.equal(address, '127.0.0.1')
      }
    }
  })
})

describe('the seconds before the event', () => {
  const jpeg = (number: number) => Buffer.from([0xff, 0xd8, number, 0xff, 0xd9])

  test('are the last ten, one JPEG behind the other, with the command that plays them', () => {
    const ring = runningRing()
    for (let second = 0; second <= 30; second++) ring.frame(1000 * second, jpeg(second))
    const saved = ring.event(30_500)
    assert.deepEqual(saved?.payload, Buffer.concat(Array.from({ length: 10 }, (_, index) => jpeg(21 + index))))
    assert.equal(saved?.filename, 'events/19700101-000030.mjpeg')
    assert.equal(saved?.play, 'ffplay -framerate 1 events/19700101-000030.mjpeg')
  })

  test('are fewer where they have more bytes than may be kept', () => {
    const ring = runningRing({ of: '32 * 1024 * 1024', becomes: '17' })
    for (let second = 0; second < 5; second++) ring.frame(1000 * second, jpeg(second))
    assert.deepEqual(ring.event(4000)?.payload, Buffer.concat([jpeg(2), jpeg(3), jpeg(4)]))
    ring.frame(5000, Buffer.alloc(17))
    assert.deepEqual(ring.event(5000)?.payload, Buffer.alloc(17))
  })

  test('are no file when no frame has come', () => {
    const ring = runningRing()
    ring.frame(0, jpeg(1))
    assert.equal(ring.event(60_000), undefined)
    assert.equal(ring.warnings.length, 1)
  })
})
