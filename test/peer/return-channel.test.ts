import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { needs } from '../requirements'
import { receiveFromPython, sendToPython } from './flow'
import { formulaPixels } from './formula'
import { formulaJpeg, sha256, showsFormula, storeJpeg, temporaryFolder } from './pictures'
import type { Answer, Json } from './protocol'

const HEIGHT = 24
const WIDTH = 32
const picture = { seed: 1, shape: [HEIGHT, WIDTH, 3] }

const VALUES: [Json, string][] = [
  [{ pan: 3, tilt: [1, -2.5, null, true], name: 'grün' }, 'dict'],
  [['a', 1], 'list'],
  ['text', 'str'],
  [7, 'int'],
  [2.5, 'float'],
  [true, 'bool'],
  // NetGear itself loses the falsy ones.
  [0, 'int'],
  ['', 'str'],
  [false, 'bool'],
]

describe('the return channel', needs('python3-zmq'), () => {
  for (const pattern of [0, 1] as const) {
    test(`pattern ${pattern}: what is wired into netgear-in reaches a bidirectional Python sender`, async (t) => {
      const both = { ours: { bidirectional: true }, python: { bidirectional: true } }
      const { flow, sender, port } = await receiveFromPython(t, pattern, 2, both)
      const answered = async (): Promise<Answer> => {
        const { answer } = await sender.command('send', { picture })
        assert.equal(answer?.complaint, null)
        return answer
      }
      assert.deepEqual((await answered()).header, { port: String(port), return_type: 'NoneType', data: null })
      for (const [value, type] of VALUES) {
        await flow.send('in', { payload: value })
        assert.deepEqual((await answered()).header, { port: String(port), return_type: type, data: value })
      }

      const jpeg = await formulaJpeg(2, HEIGHT, WIDTH, 3)
      await flow.send('in', { payload: jpeg })
      const untouched = await answered()
      assert.equal(untouched.header?.return_type, 'ndarray')
      assert.equal(sha256(body(untouched)), sha256(jpeg))

      const netgear = { type: 'frame', encoding: 'raw', width: WIDTH, height: HEIGHT, channels: 3, colorspace: 'BGR' }
      await flow.send('in', { payload: formulaPixels(3, HEIGHT, WIDTH, 3), netgear })
      assert.ok(await showsFormula(body(await answered()), 3, HEIGHT, WIDTH))

      await flow.send('in', { payload: null })
      assert.equal((await answered()).header?.return_type, 'NoneType')
    })

    test(`pattern ${pattern}: what a bidirectional Python receiver returns leaves netgear-out`, async (t) => {
      const both = { ours: { bidirectional: true }, python: { bidirectional: true } }
      const { flow, receiver, port } = await sendToPython(t, pattern, 2, both)
      const payload = await formulaJpeg(1, HEIGHT, WIDTH, 3)
      const returned = async () => {
        await flow.send('out', { payload })
        assert.equal((await receiver.next('message')).complaint, null)
        return flow.from('out').next()
      }
      for (const [value] of VALUES) {
        await receiver.command('setReturn', { value })
        const message = await returned()
        assert.deepEqual(message.payload, value)
        assert.deepEqual([message.topic, message.netgear], [String(port), { type: 'returned', port }])
      }
      await receiver.command('setReturn', { valueJson: '{"most": Infinity}' })
      assert.deepEqual((await returned()).payload, { most: Number.POSITIVE_INFINITY })

      for (const shape of [
        [HEIGHT, WIDTH, 3],
        [HEIGHT, WIDTH],
      ]) {
        await receiver.command('setReturn', { picture: { seed: 5, shape } })
        const raw = await returned()
        const channels = shape[2] ?? 1
        assert.deepEqual(raw.payload, formulaPixels(5, HEIGHT, WIDTH, channels))
        assert.deepEqual([raw.netgear?.width, raw.netgear?.height, raw.netgear?.channels], [WIDTH, HEIGHT, channels])
        assert.equal(raw.netgear?.encoding, 'raw')
      }

      const jpeg = await formulaJpeg(6, HEIGHT, WIDTH, 3)
      await receiver.command('setReturn', { picture: { jpeg: await storeJpeg(await temporaryFolder(t), jpeg) } })
      const compressed = await returned()
      assert.deepEqual(compressed.payload, jpeg)
      assert.equal(compressed.netgear?.encoding, 'jpeg')
    })

    test(`pattern ${pattern}: a netgear-out that asks for nothing takes the answers of a bidirectional Python receiver`, async (t) => {
      const { flow, receiver } = await sendToPython(t, pattern, 0, { python: { bidirectional: true } })
      await receiver.command('setReturn', { picture: { seed: 5, shape: [4, 6, 3] } })
      for (const seed of [1, 2, 3]) {
        await flow.send('out', { payload: await formulaJpeg(seed, HEIGHT, WIDTH, 3) })
        await receiver.next('message')
      }
      assert.equal(flow.untakenEvents('out', 'invalid'), 0)
    })

    test(`pattern ${pattern}: an answer that no NetGear gives is counted, and the next frame goes out`, async (t) => {
      const { flow, receiver } = await sendToPython(t, pattern, 0, { ours: { bidirectional: true } })
      const payload = await formulaJpeg(1, HEIGHT, WIDTH, 3)
      const parts = ['{"return_type": 5}'].map((text) => Buffer.from(text).toString('base64'))
      await receiver.command('setAnswering', { with: 'parts', parts })
      await flow.send('out', { payload })
      assert.equal((await flow.event('out', 'invalid')).code, 'NETGEAR_ANSWER_INVALID')
      await receiver.next('message')
      await flow.send('out', { payload })
      await receiver.next('message')
    })
  }
})

function body({ parts }: Answer): Buffer {
  assert.equal(parts.length, 2)
  return Buffer.from(parts[1] ?? '', 'base64')
}
