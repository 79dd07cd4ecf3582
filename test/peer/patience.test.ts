import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { needs } from '../requirements'
import { Flow, frameOf, PATTERN_NAMES, receiveFromPython, sendToPython, sharedSecurity } from './flow'
import { formulaJpeg, sha256 } from './pictures'
import { PythonPeer } from './python'

const SHAPE = [24, 32, 3]

describe(
  'a Python sender that comes back in clear text, as NetGear does after a time-out',
  needs('python3-zmq'),
  () => {
    for (const pattern of [0, 1] as const) {
      for (const secure of [1, 2] as const) {
        test(`pattern ${pattern}, secure ${secure}: is refused, the user told, and let in again once it encrypts`, async (t) => {
          const { flow, sender } = await receiveFromPython(t, pattern, secure, { python: { requestTimeout: 0.3 } })
          await sender.command('send', { picture: { seed: 1, shape: SHAPE }, message: { seed: 1 } })
          await frameOf(flow.from('in'), 1)

          await sender.command('reconnect', { inClear: true })
          const inClear = { picture: { seed: 2, shape: SHAPE }, message: { seed: 2 } }
          const { answer } = await sender.command('send', inClear)
          assert.equal(answer, null)
          // Where the other end is the first to see that they do not fit, ours can only suspect why it left.
          const refused = await flow.event('in', 'refused')
          assert.match(refused.code as string, /^NETGEAR_(OTHER_END_PLAIN|HANDSHAKE_BROKEN)$/)
          assert.match(String(refused.reason), /without encryption.*restart it/)

          await sender.command('reconnect', { inClear: false })
          await sender.command('send', { picture: { seed: 3, shape: SHAPE }, message: { seed: 3 } })
          const next = await flow.from('in').next()
          assert.deepEqual(next.data, { seed: 3 }, 'the frame in clear text came through')
        })
      }
    }
  },
)

describe('a Python receiver that goes on in clear text, as NetGear does after a silence', needs('python3-zmq'), () => {
  for (const pattern of [0, 1] as const) {
    test(`pattern ${pattern}: is sent nothing, the user told, and served again once it encrypts`, async (t) => {
      const { flow, receiver } = await sendToPython(t, pattern, 2)
      await flow.send('out', { payload: await formulaJpeg(1, 24, 32, 3) })
      await receiver.next('message')
      await receiver.command('reconnect', { inClear: true })
      assert.equal((await flow.event('out', 'refused')).code, 'NETGEAR_OTHER_END_PLAIN')
      await flow.send('out', { payload: await formulaJpeg(2, 24, 32, 3) })
      await receiver.command('pause', { seconds: 0.3 })
      assert.deepEqual(receiver.unclaimed('message'), [])

      await receiver.command('reconnect', { inClear: false })
      const jpeg = await formulaJpeg(3, 24, 32, 3)
      await flow.event('out', 'connected')
      await flow.send('out', { payload: jpeg })
      await receiver.next('message', ({ sha256: sum }) => sum === sha256(jpeg))
    })
  }
})

describe('several frames in flight', needs('python3-zmq'), () => {
  test('pattern 0: as many as the window; lost answers hold nothing up for longer than 6 s', async (t) => {
    const { flow, receiver } = await sendToPython(t, 0, 2, { ours: { window: 4, queue: 10 } })
    const payload = await formulaJpeg(1, 24, 32, 3)
    await receiver.command('setAnswering', { with: 'nothing' })
    for (let frame = 0; frame < 6; frame += 1) await flow.send('out', { payload })
    for (let frame = 0; frame < 4; frame += 1) await receiver.next('message')
    await receiver.command('pause', { seconds: 0.3 })
    assert.deepEqual(receiver.unclaimed('message'), [], 'more than the window was sent')
    await receiver.command('setAnswering', { with: 'netgear' })
    await framesAgain(flow, receiver, await formulaJpeg(2, 24, 32, 3))
  })

  test('pattern 1: a receiver that answers late gets every frame; lost answers hold nothing up for longer than 6 s', async (t) => {
    const { flow, receiver } = await sendToPython(t, 1, 2, { ours: { window: 4, queue: 10 } })
    const payloads = await Promise.all([0, 1, 2, 3, 4, 5].map((seed) => formulaJpeg(seed, 24, 32, 3)))
    await receiver.command('setAnswering', { with: 'netgear', delay: 0.05 })
    for (const payload of payloads) await flow.send('out', { payload })
    for (const payload of payloads) assert.equal((await receiver.next('message')).sha256, sha256(payload))
    await receiver.command('setAnswering', { with: 'nothing' })
    for (const payload of payloads) await flow.send('out', { payload })
    await receiver.next('message')
    await receiver.command('reconnect', { inClear: false })
    await receiver.command('setAnswering', { with: 'netgear' })
    await framesAgain(flow, receiver, await formulaJpeg(7, 24, 32, 3))
  })
})

test('in pair and reqrep the last frame goes out again before a NetGear receiver leaves encryption for want of one', {
  ...needs('python3-zmq'),
}, async (t) => {
  const { ours, keys, python } = sharedSecurity(2)
  const receivers = await Promise.all(
    ([0, 1, 2] as const).map((pattern) =>
      PythonPeer.start({ role: 'receiver', pattern, port: 0, address: '127.0.0.1', ...python }, t),
    ),
  )
  const flow = await Flow.start(
    t,
    receivers.map(({ ports }, pattern) => {
      const name = PATTERN_NAMES[pattern as 0 | 1 | 2]
      return { type: 'netgear-out', id: `out-${name}`, pattern: name, port: String(ports[0]), ...ours }
    }),
    keys,
  )
  const payload = await formulaJpeg(1, 24, 32, 3)
  for (const name of PATTERN_NAMES) await flow.send(`out-${name}`, { payload, data: 'once' })
  const [pair, reqrep, pubsub] = receivers as [PythonPeer, PythonPeer, PythonPeer]
  const [first] = await Promise.all(receivers.map((receiver) => receiver.next('message')))
  for (const receiver of [pair, reqrep]) {
    const again = await receiver.next('message', () => true, 12_000)
    assert.equal(again.complaint, null)
    assert.deepEqual([again.sha256, again.header?.message], [sha256(payload), 'once'])
    assert.equal(again.header?.repeat, true)
    const seconds = (again.time - (first?.time ?? 0)) / 1000
    assert.ok(seconds < 8, `after ${seconds} s`)
  }
  assert.deepEqual(pubsub.unclaimed('message'), [])
})

/** Sends a frame every half second until one arrives, for at most 6 s. */
async function framesAgain(flow: Flow, receiver: PythonPeer, payload: Buffer): Promise<void> {
  const timer = setInterval(() => flow.send('out', { payload }).catch(() => undefined), 500)
  try {
    const sum = sha256(payload)
    assert.equal((await receiver.next('message', (message) => message.sha256 === sum, 6000)).complaint, null)
  } finally {
    clearInterval(timer)
  }
}
