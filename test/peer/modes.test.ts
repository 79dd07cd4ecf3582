import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { freePort } from '../free-port'
import { needs } from '../requirements'
import { Flow, type FlowNode, frameOf, PATTERN_NAMES, type Pattern, sharedSecurity, untilSubscribed } from './flow'
import { formulaPixels } from './formula'
import type { Settings } from './loopback'
import { formulaJpeg, sha256 } from './pictures'
import { PythonPeer } from './python'

const SHAPE = [24, 32, 3]
const ADDRESS = '127.0.0.1'

describe('multi-server: one netgear-in, several Python senders', needs('python3-zmq'), () => {
  for (const pattern of [1, 2] as const) {
    test(`pattern ${pattern}: frames tell their port, given as text or number, and each stream ends by itself`, async (t) => {
      const { ours, keys, python } = sharedSecurity(2)
      const ports = await freePorts(3)
      const flow = await Flow.start(t, [netgearIn(pattern, ports, ours)], keys)
      const [text, ...numbers] = await Promise.all(
        [String(ports[0]), ports[1] ?? 0, ports[2] ?? 0].map((port) =>
          startSender(t, pattern, { port, multiServer: true, ...python }),
        ),
      )
      const senders = [text, ...numbers] as PythonPeer[]
      for (const port of ports) await flow.event('in', 'connected', (event) => event.port === port)
      const frames = flow.from('in')
      if (pattern === 2) for (const sender of senders) await untilSubscribed(sender, frames)
      for (const [index, sender] of senders.entries()) {
        const seed = 10 + index
        const { answer } = await sender.command('send', { picture: { seed, shape: SHAPE }, message: { seed } })
        const { payload, topic, netgear } = await frameOf(frames, seed)
        assert.deepEqual(payload, formulaPixels(seed, 24, 32, 3))
        assert.deepEqual([topic, netgear?.port], [String(ports[index]), ports[index]])
        assert.equal(answer?.complaint ?? null, null)
      }
      await text?.command('terminate', {})
      const end = await frames.next(({ complete }) => complete === true)
      assert.deepEqual([end.topic, end.netgear?.type, end.netgear?.port], [String(ports[0]), 'end', ports[0]])
      assert.equal((await flow.event('in', 'ended')).port, ports[0])
      await numbers[0]?.command('send', { picture: { seed: 20, shape: SHAPE }, message: { seed: 20 } })
      await frameOf(frames, 20)
      await numbers[0]?.command('terminate', {})
      await frames.next(({ complete, topic }) => complete === true && topic === String(ports[1]))
    })
  }

  test('with values returned to every sender', async (t) => {
    const ports = await freePorts(2)
    const flow = await Flow.start(t, [netgearIn(1, ports, { security: 'grassland', bidirectional: true })])
    await flow.send('in', { payload: { pan: [1, -2.5] } })
    for (const port of ports) {
      const sender = await startSender(t, 1, { port, multiServer: true, bidirectional: true })
      const { answer } = await sender.command('send', { picture: { seed: 1, shape: SHAPE } })
      assert.deepEqual(answer?.header, { port: String(port), return_type: 'dict', data: { pan: [1, -2.5] } })
      assert.equal(answer.complaint, null)
    }
  })
})

describe('multi-client: one netgear-out, several Python receivers', needs('python3-zmq'), () => {
  for (const pattern of [0, 1, 2] as const) {
    test(`pattern ${pattern}: every frame reaches every receiver, while one is frozen, one slow and one not there`, async (t) => {
      const { ours, keys, python } = sharedSecurity(2)
      const mode = pattern === 0 ? {} : { multiClient: true }
      const receivers = await Promise.all([0, 1, 2, 3].map(() => startReceiver(t, pattern, { ...mode, ...python })))
      const [first, second, slow, frozen] = receivers as [PythonPeer, PythonPeer, PythonPeer, PythonPeer]
      const ports = [...receivers.map(portOf), await freePort()]
      const flow = await Flow.start(t, [netgearOut(pattern, ports, { ...ours, queue: 10 })], keys)
      for (const {
        ports: [own],
      } of receivers)
        await flow.event('out', 'connected', ({ port }) => port === own)
      frozen.kill('SIGSTOP')
      if (pattern < 2) await slow.command('setAnswering', { with: 'netgear', delay: 0.4 })

      const jpegs = await Promise.all([0, 1, 2, 3, 4].map((seed) => formulaJpeg(seed, 24, 32, 3)))
      for (const payload of jpegs) {
        await flow.send('out', { payload })
        for (const receiver of [first, second]) {
          const { sha256: sum, complaint } = await receiver.next('message')
          assert.deepEqual([sum, complaint], [sha256(payload), null])
        }
      }
      if (pattern < 2)
        assert.ok(slow.unclaimed('message').length < jpegs.length, 'the slow receiver held up the others')
      for (const payload of jpegs) assert.equal((await slow.next('message')).sha256, sha256(payload))
      frozen.kill('SIGCONT')
      assert.equal((await frozen.next('message')).complaint, null)
    })
  }

  test('with values and pictures returned by each receiver', async (t) => {
    const receivers = await Promise.all(
      [0, 1].map(() => startReceiver(t, 1, { multiClient: true, bidirectional: true })),
    )
    const [first, second] = receivers as [PythonPeer, PythonPeer]
    await first.command('setReturn', { value: { seen: 3 } })
    await second.command('setReturn', { picture: { seed: 9, shape: [4, 5, 3] } })
    const options = { security: 'grassland', bidirectional: true }
    const flow = await Flow.start(t, [netgearOut(1, receivers.map(portOf), options)])
    await flow.send('out', { payload: await formulaJpeg(1, 24, 32, 3) })
    const value = await flow.from('out').next(({ topic }) => topic === String(portOf(first)))
    assert.deepEqual(value.payload, { seen: 3 })
    assert.deepEqual(value.netgear, { type: 'returned', port: portOf(first) })
    const picture = await flow.from('out').next(({ topic }) => topic === String(portOf(second)))
    assert.deepEqual(picture.payload, formulaPixels(9, 4, 5, 3))
    assert.equal(picture.netgear?.colorspace, 'BGR')
  })
})

describe('answers', needs('python3-zmq'), () => {
  const modes: [string, Settings][] = [
    ['plain', {}],
    ['bidirectional', { bidirectional: true }],
    ['multi-server', { multiServer: true }],
    ['multi-server and bidirectional', { multiServer: true, bidirectional: true }],
    ['multi-client', { multiClient: true }],
    ['multi-client and bidirectional', { multiClient: true, bidirectional: true }],
  ]
  for (const pattern of [0, 1] as const) {
    test(`pattern ${pattern}: senders in every mode take those of a netgear-in that was told no mode`, async (t) => {
      const possible = modes.filter(([, { multiClient, multiServer }]) => pattern > 0 || !(multiClient || multiServer))
      const ports = await freePorts(possible.length)
      const flow = await Flow.start(t, [netgearIn(pattern, ports, { security: 'grassland' })])
      for (const [index, [mode, settings]] of possible.entries()) {
        const port = ports[index] ?? 0
        const several = settings.multiClient ? { port: [port] } : { port }
        const sender = await startSender(t, pattern, { ...settings, ...several })
        for (const seed of [1, 2]) {
          const { answer } = await sender.command('send', { picture: { seed, shape: SHAPE }, message: { seed } })
          assert.ok(answer, `${mode}: no answer`)
          assert.equal(answer.complaint, null, mode)
          await frameOf(flow.from('in'), seed)
        }
        const { answers } = await sender.command('terminate', {})
        assert.ok(answers.length === 1 && answers[0], `${mode}: the end of the stream was not answered`)
        await flow.from('in').next(({ complete }) => complete === true)
      }
    })
  }
})

function netgearIn(pattern: Pattern, ports: number[], options: object): FlowNode {
  const common = { type: 'netgear-in', id: 'in', output: 'asis' } as const
  return { ...common, pattern: PATTERN_NAMES[pattern], port: ports.join(','), ...options }
}

function netgearOut(pattern: Pattern, ports: number[], options: object): FlowNode {
  return { type: 'netgear-out', id: 'out', pattern: PATTERN_NAMES[pattern], port: ports.join(','), ...options }
}

function startSender(t: TestContext, pattern: Pattern, settings: Settings): Promise<PythonPeer> {
  return PythonPeer.start({ role: 'sender', pattern, address: ADDRESS, ...settings }, t)
}

function startReceiver(t: TestContext, pattern: Pattern, settings: Settings): Promise<PythonPeer> {
  return PythonPeer.start({ role: 'receiver', pattern, port: 0, address: ADDRESS, ...settings }, t)
}

function portOf(peer: PythonPeer): number {
  return peer.ports[0] ?? 0
}

function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freePort))
}
