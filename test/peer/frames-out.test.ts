import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import sharp from 'sharp'
import { decodeJpeg } from '../../lib/video/codec'
import { freePort } from '../free-port'
import { needs } from '../requirements'
import { Flow, PATTERN_NAMES, sendToPython, sharedSecurity } from './flow'
import { formulaPixels } from './formula'
import { formulaJpeg, isNearFormula, sha256, showsFormula, temporaryFolder } from './pictures'
import type { EventOf } from './protocol'
import { PythonPeer } from './python'

const HEIGHT = 24
const WIDTH = 32

describe('netgear-out and a Python receiver', needs('python3-zmq'), () => {
  for (const pattern of [0, 1, 2] as const) {
    for (const secure of [0, 1, 2] as const) {
      test(`pattern ${pattern}, secure ${secure}: pixels and JPEGs, sent raw and as JPEG, with their data`, async (t) => {
        const { ours, keys, python } = sharedSecurity(secure)
        const receivers = await Promise.all(
          [0, 1].map(() => {
            const config = { role: 'receiver', pattern, port: 0, address: '127.0.0.1', ...python } as const
            return PythonPeer.start(config, t)
          }),
        )
        const [raw, compressed] = receivers as [PythonPeer, PythonPeer]
        const node = { type: 'netgear-out', pattern: PATTERN_NAMES[pattern], ...ours } as const
        const flow = await Flow.start(
          t,
          [
            { ...node, id: 'pixels', encoding: 'raw', port: String(raw.ports[0]) },
            { ...node, id: 'jpegs', encoding: 'jpeg', port: String(compressed.ports[0]) },
          ],
          keys,
        )
        const folder = await temporaryFolder(t)
        await compressed.command('store', { directory: folder })
        const jpeg = await formulaJpeg(2, HEIGHT, WIDTH, 3)
        const decoded = (await decodeJpeg(jpeg, 'RGB')).data
        const png = await sharp(decoded, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
          .png()
          .toBuffer()

        for (const id of ['pixels', 'jpegs'])
          await flow.send(id, { ...pixelsMessage(1, HEIGHT, WIDTH), data: { seed: 1, é: [null, 2.5] } })
        const exact = await nextMessage(raw)
        assert.equal(exact.pixelsMatch, true)
        assert.deepEqual(exact.header?.message, { seed: 1, é: [null, 2.5] })
        assert.deepEqual(exact.header?.shape, [HEIGHT, WIDTH, 3])
        const encoded = await nextMessage(compressed)
        assert.ok(await showsFormula(await storedBody(encoded), 1, HEIGHT, WIDTH))
        assert.deepEqual(encoded.header?.message, { seed: 1, é: [null, 2.5] })
        assert.deepEqual(encoded.header?.compression, { dct: true, ups: false, colorspace: 'BGR' })

        for (const payload of [jpeg, png]) {
          for (const id of ['pixels', 'jpegs']) await flow.send(id, { payload })
          assert.equal((await nextMessage(raw)).sha256, sha256((await decodeJpeg(jpeg, 'BGR')).data))
          const { header, sha256: sum, ...rest } = await nextMessage(compressed)
          assert.equal(header?.message, null)
          if (payload === jpeg) assert.equal(sum, sha256(jpeg))
          else assert.ok(await showsFormula(await storedBody(rest), 2, HEIGHT, WIDTH))
        }
      })
    }
  }

  for (const pattern of [0, 1, 2] as const) {
    test(`pattern ${pattern}: a burst arrives in order and whole, what is answered without a loss`, async (t) => {
      const { flow, receiver } = await sendToPython(t, pattern, 2, { ours: { queue: 100 } })
      const jpegs = await Promise.all(Array.from({ length: 60 }, (_, seed) => formulaJpeg(seed, HEIGHT, WIDTH, 3)))
      for (const [seed, payload] of jpegs.entries()) await flow.send('out', { payload, data: seed })
      const order: number[] = []
      do {
        const { header, sha256: sum } = await nextMessage(receiver)
        const seed = Number(header?.message)
        assert.equal(sum, sha256(jpegs[seed] ?? Buffer.of()))
        order.push(seed)
        // A PUB may drop any frame, the last one too.
      } while (pattern === 2 ? order.length < 2 : order.at(-1) !== 59)
      assert.deepEqual(order, pattern === 2 ? order.toSorted((a, b) => a - b) : [...jpegs.keys()])
    })

    test(`pattern ${pattern}: from 1x1 to 3840x2160, encrypted`, async (t) => {
      const { ours, keys, python } = sharedSecurity(2)
      const config = { role: 'receiver', pattern, port: 0, address: '127.0.0.1', ...python } as const
      const raw = await PythonPeer.start(config, t)
      const compressed = await PythonPeer.start(config, t)
      const node = { type: 'netgear-out', pattern: PATTERN_NAMES[pattern], ...ours } as const
      const flow = await Flow.start(
        t,
        [
          { ...node, id: 'pixels', encoding: 'raw', port: String(raw.ports[0]) },
          { ...node, id: 'jpegs', encoding: 'jpeg', port: String(compressed.ports[0]) },
        ],
        keys,
      )
      // A pair's sender that has nothing to send for some seconds repeats its last frame.
      const came = new Set<string>()
      const nextOther = async (receiver: PythonPeer): Promise<EventOf<'message'>> => {
        const message = await nextMessage(receiver)
        if (came.has(message.sha256)) return nextOther(receiver)
        came.add(message.sha256)
        return message
      }
      for (const [seed, [width, height]] of SIZES.entries()) {
        await flow.send('pixels', { ...pixelsMessage(seed, height, width), data: { seed } })
        const exact = await nextOther(raw)
        assert.equal(exact.pixelsMatch, true, `raw ${width}x${height}`)
        assert.deepEqual(exact.header?.shape, [height, width, 3])
        const jpeg = await formulaJpeg(seed, height, width, 3)
        await flow.send('jpegs', { payload: jpeg })
        assert.equal((await nextOther(compressed)).sha256, sha256(jpeg), `JPEG ${width}x${height}`)
      }
    })

    for (const protocol of ['tcp', 'ipc'] as const) {
      for (const mode of ['connect', 'bind'] as const) {
        test(`pattern ${pattern}: over ${protocol}, netgear-out set to ${mode}, encrypted`, async (t) => {
          const address = protocol === 'ipc' ? join(await temporaryFolder(t), 'link') : '127.0.0.1'
          const { flow, receiver } = await sendToPython(t, pattern, 2, {
            ours: { protocol, address, mode, encoding: 'raw' },
            python: { protocol, address, mode: mode === 'bind' ? 'connect' : 'bind' },
          })
          await flow.send('out', { ...pixelsMessage(4, HEIGHT, WIDTH), data: { seed: 4 } })
          assert.equal((await nextMessage(receiver)).pixelsMatch, true)
        })
      }
    }
  }

  test('grey pictures: raw with two sizes, and as a JPEG that is announced as GRAY', async (t) => {
    const { flow, receiver } = await sendToPython(t, 1, 0, { ours: { encoding: 'raw' } })
    const pixels = formulaPixels(3, HEIGHT, WIDTH, 1)
    const message = { payload: pixels, width: WIDTH, height: HEIGHT, channels: 1, data: { seed: 3 } }
    await flow.send('out', message)
    const raw = await nextMessage(receiver)
    assert.equal(raw.pixelsMatch, true)
    assert.deepEqual(raw.header?.shape, [HEIGHT, WIDTH])
    await flow.stop()

    const compressing = await sendToPython(t, 1, 0)
    await compressing.receiver.command('store', { directory: await temporaryFolder(t) })
    await compressing.flow.send('out', message)
    const encoded = await nextMessage(compressing.receiver)
    assert.deepEqual(encoded.header?.compression, { dct: true, ups: false, colorspace: 'GRAY' })
    const { data, channels } = await decodeJpeg(await storedBody(encoded), 'GRAY')
    assert.equal(channels, 1)
    assert.ok(isNearFormula(data, 3, HEIGHT, WIDTH, 1))
  })

  test('a grey JPEG that passes through is announced so that a NetGear can decode it', async (t) => {
    const { flow, receiver } = await sendToPython(t, 1, 0)
    const jpeg = await formulaJpeg(5, HEIGHT, WIDTH, 1)
    await flow.send('out', { payload: jpeg })
    assert.equal((await nextMessage(receiver)).sha256, sha256(jpeg))
  })

  test('the quality is the one that was set', async (t) => {
    const sizes = []
    for (const quality of [10, 90]) {
      const { flow, receiver } = await sendToPython(t, 1, 0, { ours: { quality } })
      await flow.send('out', pixelsMessage(6, 96, 128))
      sizes.push((await nextMessage(receiver)).partLengths[1] ?? 0)
      await flow.stop()
    }
    const [least = 0, most = 0] = sizes
    assert.ok(least * 1.5 < most, `${least} and ${most} bytes`)
  })

  test('a frame sent before anybody is there arrives once somebody is', async (t) => {
    const port = await freePort()
    const flow = await Flow.start(t, [
      { type: 'netgear-out', id: 'out', pattern: 'pair', security: 'grassland', port: String(port), encoding: 'raw' },
    ])
    await flow.send('out', { ...pixelsMessage(7, HEIGHT, WIDTH), data: { seed: 7 } })
    const receiver = await PythonPeer.start({ role: 'receiver', pattern: 0, port, address: '127.0.0.1' }, t)
    assert.equal((await nextMessage(receiver)).pixelsMatch, true)
  })
})

const SIZES = [
  [1, 1],
  [2, 3],
  [641, 479],
  [1920, 1080],
  [3840, 2160],
] as const

/** The formula's picture as a flow holds one that netgear-in gave out as it came. */
function pixelsMessage(seed: number, height: number, width: number): object {
  const netgear = { type: 'frame', encoding: 'raw', width, height, channels: 3, dtype: 'uint8', colorspace: 'BGR' }
  return { payload: formulaPixels(seed, height, width, 3), netgear }
}

/** The next message that came, which a NetGear would have taken. */
async function nextMessage(receiver: PythonPeer): Promise<EventOf<'message'>> {
  const message = await receiver.next('message')
  assert.equal(message.complaint, null)
  return message
}

function storedBody({ storedAt }: { storedAt: string | null }): Promise<Buffer> {
  assert.ok(storedAt)
  return readFile(storedAt)
}
