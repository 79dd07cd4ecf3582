import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { decodeJpeg, toPixels } from '../../lib/video/codec'
import { freePort } from '../free-port'
import type { FrameMessage } from '../node/flow-runtime'
import { needs } from '../requirements'
import { Flow, frameOf, receiveFromPython, sharedSecurity, untilSubscribed } from './flow'
import { formulaPixels } from './formula'
import { formulaJpeg, isNearFormula, showsFormula, storeJpeg, temporaryFolder } from './pictures'
import { PythonPeer } from './python'

const HEIGHT = 24
const WIDTH = 32
const SHAPE = [HEIGHT, WIDTH, 3]

describe('a Python sender and netgear-in', needs('python3-zmq'), () => {
  for (const pattern of [0, 1, 2] as const) {
    for (const secure of [0, 1, 2] as const) {
      test(`pattern ${pattern}, secure ${secure}: raw frames arrive exactly, JPEGs untouched, with their data`, async (t) => {
        const { flow, sender, port } = await receiveFromPython(t, pattern, secure)
        const frames = flow.from('in')
        for (const seed of [1, 2]) {
          const message = { seed, text: 'grün', list: [1, 2.5, null, true] }
          await sender.command('send', { picture: { seed, shape: SHAPE }, message })
          const { payload, data, netgear } = await frameOf(frames, seed)
          assert.deepEqual(payload, formulaPixels(seed, HEIGHT, WIDTH, 3))
          assert.deepEqual(data, message)
          assert.deepEqual(netgear, {
            ...{ type: 'frame', encoding: 'raw', width: WIDTH, height: HEIGHT, channels: 3, dtype: 'uint8' },
            ...{ colorspace: 'BGR', port, lost: 0, ...(secure > 0 && { peer: 'python' }) },
          })
        }
        const jpeg = await formulaJpeg(3, HEIGHT, WIDTH, 3)
        const picture = { jpeg: await storeJpeg(await temporaryFolder(t), jpeg) }
        await sender.command('send', { picture, message: { seed: 3 } })
        const { payload, netgear } = await frameOf(frames, 3)
        assert.deepEqual(payload, jpeg)
        assert.equal(netgear?.encoding, 'jpeg')
        assert.equal(netgear?.width, WIDTH)
      })
    }
  }

  for (const pattern of [0, 1, 2] as const) {
    test(`pattern ${pattern}: a burst leaves in order, what is answered up to its last frame`, async (t) => {
      const { flow, sender } = await receiveFromPython(t, pattern, 2)
      const fps = pattern === 2 ? 100 : 0
      const burst = sender.command('burst', { picture: { seed: 0, shape: SHAPE }, count: 60, fps })
      // A PUB may drop any frame, the last one too.
      const enough = (index: number, count: number) => (pattern === 2 ? count === 20 : index === 59)
      const order: number[] = []
      do {
        const message = await flow.from('in').next(isNoWarmUp)
        order.push(indexOf(message))
        assert.deepEqual(message.payload, formulaPixels(indexOf(message), HEIGHT, WIDTH, 3))
      } while (!enough(order.at(-1) ?? 0, order.length))
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      )
      await sender.command('stop', {})
      if (pattern < 2) assert.equal((await burst).answered, 60)
    })

    test(`pattern ${pattern}: from 1x1 to 3840x2160, encrypted`, async (t) => {
      const { flow, sender } = await receiveFromPython(t, pattern, 2)
      const folder = await temporaryFolder(t)
      for (const [index, [width, height]] of SIZES.entries()) {
        const seed = 10 + index
        await sender.command('send', { picture: { seed, shape: [height, width, 3] }, message: { seed } })
        const raw = await frameOf(flow.from('in'), seed)
        assert.ok(formulaPixels(seed, height, width, 3).equals(raw.payload as Buffer), `raw ${width}x${height}`)
        assert.deepEqual([raw.netgear?.width, raw.netgear?.height], [width, height])

        const jpeg = await formulaJpeg(seed, height, width, 3)
        const message = { seed: seed + 10 }
        await sender.command('send', { picture: { jpeg: await storeJpeg(folder, jpeg) }, message })
        const compressed = await frameOf(flow.from('in'), seed + 10)
        assert.ok(jpeg.equals(compressed.payload as Buffer), `JPEG ${width}x${height}`)
        assert.deepEqual([compressed.netgear?.width, compressed.netgear?.height], [width, height])
      }
    })

    for (const protocol of ['tcp', 'ipc'] as const) {
      for (const mode of ['bind', 'connect'] as const) {
        test(`pattern ${pattern}: over ${protocol}, netgear-in set to ${mode}, encrypted`, async (t) => {
          const address = protocol === 'ipc' ? join(await temporaryFolder(t), 'link') : '127.0.0.1'
          const { flow, sender } = await receiveFromPython(t, pattern, 2, {
            ours: { protocol, address, mode },
            python: { protocol, address, mode: mode === 'bind' ? 'connect' : 'bind' },
          })
          await sender.command('send', { picture: { seed: 4, shape: SHAPE }, message: { seed: 4 } })
          const { payload } = await frameOf(flow.from('in'), 4)
          assert.deepEqual(payload, formulaPixels(4, HEIGHT, WIDTH, 3))
        })
      }
    }
  }

  test('what each output makes of raw and of JPEG frames, in colour and in grey', async (t) => {
    const { ours, keys, python } = sharedSecurity(2)
    const outputs = ['asis', 'jpeg', 'rgb', 'bgr', 'rgba', 'gray']
    const ports = await Promise.all(outputs.map(freePort))
    const flow = await Flow.start(
      t,
      outputs.map((name, index) => {
        const output = name === 'asis' || name === 'jpeg' ? { output: name } : { output: 'raw', pixels: name }
        const port = String(ports[index])
        return { type: 'netgear-in', id: `in-${name}`, pattern: 'pubsub', port, ...ours, ...output }
      }),
      keys,
    )
    const config = { role: 'sender', pattern: 2, port: ports, multiClient: true, address: '127.0.0.1' } as const
    const sender = await PythonPeer.start({ ...config, ...python }, t)
    for (const name of outputs) await untilSubscribed(sender, flow.from(`in-${name}`))
    const send = async (picture: { jpeg: string } | { shape: number[] }, seed: number) => {
      const spec = 'jpeg' in picture ? picture : { ...picture, seed }
      await sender.command('send', { picture: spec, message: { seed } })
      const came = await Promise.all(outputs.map((name) => frameOf(flow.from(`in-${name}`), seed)))
      return Object.fromEntries(came.map((message, index) => [outputs[index], message]))
    }
    const folder = await temporaryFolder(t)

    const raw = await send({ shape: SHAPE }, 1)
    const bgr = formulaPixels(1, HEIGHT, WIDTH, 3)
    assert.deepEqual(raw.asis?.payload, bgr)
    assert.ok(await showsFormula(raw.jpeg?.payload as Buffer, 1, HEIGHT, WIDTH))
    assert.deepEqual(raw.bgr?.payload, bgr)
    assert.deepEqual(raw.rgb?.payload, withChannels(bgr, [2, 1, 0]))
    assert.deepEqual(raw.rgba?.payload, withChannels(bgr, [2, 1, 0, undefined]))
    const picture = { kind: 'raw', data: bgr, width: WIDTH, height: HEIGHT, channels: 3, order: 'BGR' } as const
    assert.deepEqual(raw.gray?.payload, (await toPixels(picture, 'GRAY')).data)
    assert.deepEqual(
      outputs.map((name) => raw[name]?.netgear?.colorspace),
      ['BGR', 'BGR', 'RGB', 'BGR', 'RGBA', 'GRAY'],
    )

    const jpeg = await formulaJpeg(2, HEIGHT, WIDTH, 3)
    const compressed = await send({ jpeg: await storeJpeg(folder, jpeg) }, 2)
    assert.deepEqual(compressed.asis?.payload, jpeg)
    assert.deepEqual(compressed.jpeg?.payload, jpeg)
    assert.ok(isNearFormula(compressed.bgr?.payload as Buffer, 2, HEIGHT, WIDTH, 3))
    assert.deepEqual(compressed.rgb?.payload, (await decodeJpeg(jpeg, 'RGB')).data)
    assert.deepEqual(compressed.rgba?.payload, (await decodeJpeg(jpeg, 'RGBA')).data)

    const grey = await send({ shape: [HEIGHT, WIDTH] }, 3)
    const pixels = formulaPixels(3, HEIGHT, WIDTH, 1)
    assert.deepEqual(grey.asis?.payload, pixels)
    assert.deepEqual(grey.asis?.netgear?.channels, 1)
    assert.deepEqual(grey.gray?.payload, pixels)
    assert.deepEqual(grey.rgb?.payload, withChannels(pixels, [0, 0, 0], 1))
    const encoded = await decodeJpeg(grey.jpeg?.payload as Buffer, 'GRAY')
    assert.ok(isNearFormula(encoded.data, 3, HEIGHT, WIDTH, 1))

    const greyJpeg = await formulaJpeg(4, HEIGHT, WIDTH, 1)
    const path = { jpeg: await storeJpeg(folder, greyJpeg), colorspace: 'GRAY' }
    const greyCompressed = await send(path, 4)
    assert.deepEqual(greyCompressed.jpeg?.payload, greyJpeg)
    assert.equal(greyCompressed.jpeg?.netgear?.colorspace, 'GRAY')
    assert.ok(isNearFormula(greyCompressed.gray?.payload as Buffer, 4, HEIGHT, WIDTH, 1))
  })

  test('pixels that are no 8-bit picture pass as they came, and are refused in words where they would be converted', async (t) => {
    const { flow, sender } = await receiveFromPython(t, 1, 0)
    const picture = { seed: 5, shape: [4, 6], dtype: 'uint16' }
    await sender.command('send', { picture, message: { seed: 5 } })
    const { payload, netgear } = await frameOf(flow.from('in'), 5)
    assert.deepEqual(payload, Buffer.from(Uint16Array.from(formulaPixels(5, 4, 6, 1)).buffer))
    assert.equal(netgear?.dtype, 'uint16')
    await flow.stop()

    const converting = await receiveFromPython(t, 1, 0, { ours: { output: 'jpeg' } })
    const { answer } = await converting.sender.command('send', { picture, message: { seed: 5 } })
    assert.equal(answer?.complaint, null)
    const event = await converting.flow.event('in', 'invalid')
    assert.equal(event.code, 'NETGEAR_DEPTH')
  })

  test('numbers that only Python writes arrive as well as JavaScript can hold them', async (t) => {
    const { flow, sender } = await receiveFromPython(t, 0, 2)
    const messageJson = '{"seed": 6, "nan": NaN, "most": Infinity, "least": -Infinity, "big": 12345678901234567890}'
    await sender.command('send', { picture: { seed: 6, shape: SHAPE }, messageJson })
    const data = (await frameOf(flow.from('in'), 6)).data as Record<string, unknown>
    assert.deepEqual(Object.keys(data), ['seed', 'nan', 'most', 'least', 'big'])
    assert.ok(Number.isNaN(data.nan))
    assert.equal(data.most, Number.POSITIVE_INFINITY)
  })
})

const SIZES = [
  [1, 1],
  [2, 3],
  [641, 479],
  [1920, 1080],
  [3840, 2160],
] as const

/** Pixels with their channels in another order; `undefined` is an opaque alpha. */
function withChannels(pixels: Buffer, order: (number | undefined)[], channels = 3): Buffer {
  const count = pixels.length / channels
  const reordered = Array.from({ length: count }, (_, pixel) =>
    order.map((channel) => (channel === undefined ? 255 : (pixels[pixel * channels + channel] ?? 0))),
  )
  return Buffer.from(reordered.flat())
}

function indexOf({ data }: FrameMessage): number {
  return (data as { index: number }).index
}

function isNoWarmUp({ data }: FrameMessage): boolean {
  return (data as { seed: number }).seed < 1000
}
