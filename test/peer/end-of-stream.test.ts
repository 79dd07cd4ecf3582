import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { needs } from '../requirements'
import { Flow, frameOf, PATTERN_NAMES, receiveFromPython, sendToPython } from './flow'
import { formulaJpeg, sha256 } from './pictures'
import { PythonPeer } from './python'

const picture = { seed: 1, shape: [24, 32, 3] }

describe('the end of a stream', needs('python3-zmq'), () => {
  for (const pattern of [0, 1, 2] as const) {
    test(`pattern ${pattern}: netgear-in tells it once, answers it, and goes on`, async (t) => {
      const { flow, sender, port } = await receiveFromPython(t, pattern, 2, { ours: { name: 'gate' } })
      await sender.command('send', { picture, message: { seed: 1 } })
      await frameOf(flow.from('in'), 1)
      const { answers } = await sender.command('terminate', {})
      assert.equal(answers.length, pattern === 2 ? 0 : 1)
      if (pattern < 2) assert.notEqual(answers[0], null)
      const end = await flow.from('in').next(({ complete }) => complete === true)
      assert.equal('payload' in end, false)
      assert.deepEqual([end.topic, end.netgear], ['gate', { type: 'end', port }])
      await flow.event('in', 'ended')

      await sender.command('send', { picture, message: { seed: 2 } })
      await frameOf(flow.from('in'), 2)
      assert.equal(flow.from('in').unclaimed.filter(({ complete }) => complete).length, 0)
    })

    test(`pattern ${pattern}: netgear-out sends it after the last frame when told to, and goes on`, async (t) => {
      const python = { endsOnTermination: false }
      const { flow, receiver, port } = await sendToPython(t, pattern, 2, { ours: { name: 'yard' }, python })
      const payload = await formulaJpeg(1, 24, 32, 3)
      await flow.send('out', { payload })
      await flow.send('out', { complete: true })
      const last = await receiver.next('message')
      const { header, time } = await receiver.next('termination')
      assert.ok(time >= last.time)
      assert.deepEqual([header.terminate_flag, header.port, header.from], [true, String(port), 'yard'])
      await flow.send('out', { payload })
      assert.equal((await receiver.next('message')).sha256, sha256(payload))
    })

    test(`pattern ${pattern}: closing netgear-out sends it only where it is set to`, async (t) => {
      for (const endOfStream of [true, false]) {
        const { flow, receiver } = await sendToPython(t, pattern, 0, { ours: { endOfStream } })
        const payload = await formulaJpeg(1, 24, 32, 3)
        await flow.send('out', { payload })
        if (!endOfStream) assert.equal((await receiver.next('message')).sha256, sha256(payload))
        await flow.stop()
        if (endOfStream) {
          await receiver.next('termination')
          assert.equal(receiver.unclaimed('message').length, 1, 'the frame before it was lost')
        } else {
          await receiver.next('disconnected')
          await receiver.command('pause', { seconds: 0 })
          assert.deepEqual(receiver.unclaimed('termination'), [])
        }
      }
    })
  }

  for (const pattern of [1, 2] as const) {
    test(`pattern ${pattern}: a multi-server Python receiver knows each netgear-out by its port, and ends with the last`, async (t) => {
      const config = { pattern, port: [0, 0], multiServer: true, address: '127.0.0.1' }
      const receiver = await PythonPeer.start({ role: 'receiver', ...config }, t)
      const ids = ['first', 'second']
      const flow = await Flow.start(
        t,
        ids.map((id, index) => {
          const port = String(receiver.ports[index])
          return { type: 'netgear-out', id, pattern: PATTERN_NAMES[pattern], security: 'grassland', port }
        }),
      )
      for (const id of ids) {
        await flow.send(id, { payload: await formulaJpeg(1, 24, 32, 3) })
        assert.equal((await receiver.next('message')).complaint, null)
      }
      for (const [index, id] of ids.entries()) {
        await flow.send(id, { complete: true })
        const { header, known, allEnded } = await receiver.next('termination')
        assert.deepEqual([header.port, known, allEnded], [String(receiver.ports[index]), true, index === 1])
      }
    })
  }
})
