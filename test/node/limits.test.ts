import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import sharp from 'sharp'
import { DEFAULT_LINK_LIMITS } from '../../lib/link/limits'
import { encodeJpeg, useJpegCodec } from '../../lib/video/codec'
import type { WireFrame } from '../../lib/wire/message'
import { FrameOutput } from '../../nodes/netgear-in/frame-output'
import { freePort } from '../free-port'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'

describe('limits in settings.js', () => {
  afterEach(async () => {
    await helper.unload()
    helper.settings({})
  })

  test('one that cannot be meant keeps the link closed, with a reason', async () => {
    helper.settings({ netgear: { limits: { connections: 'many' } } })
    const port = String(await freePort())
    const runtime = await FlowRuntime.start([netgearIn({ port, name: 'hub' })])
    const { status } = await runtime.statuses.first(({ status }) => status?.fill === 'red')
    assert.ok(status)
    assert.match(JSON.stringify(helper.log().args), /connections is .*many.*: give a whole number/)
  })

  test('they are in force: a larger picture is invalid, a larger frame is an error at its sender', async () => {
    helper.settings({ netgear: { limits: { pictureMegapixels: 0.01, frameMegabytes: 0.1 } } })
    const port = String(await freePort())
    const runtime = await FlowRuntime.start([
      netgearIn({ port, name: 'hub', events: true, wires: [['got'], ['events']] }),
      netgearOut({ port, name: 'cam', events: true, wires: [['events']] }),
    ])
    await runtime.connected('cam')
    const jpeg = (side: number) => {
      const create = { width: side, height: side, channels: 3, background: 'red' } as const
      return sharp({ create }).jpeg().toBuffer()
    }
    runtime.send({ payload: await jpeg(101) })
    const { payload } = await runtime.event('invalid', 'hub')
    assert.equal((payload as { code: string }).code, 'NETGEAR_PICTURE_TOO_LARGE')
    runtime.send({ payload: await jpeg(99) })
    assert.equal((await runtime.got.first(() => true)).netgear?.width, 99)
    const noise = { type: 'gaussian', mean: 128, sigma: 90 } as const
    const large = sharp({ create: { width: 600, height: 600, channels: 3, background: 'red', noise } }).jpeg({
      quality: 100,
    })
    runtime.send({ payload: await large.toBuffer() })
    const { error } = await runtime.caught.first(() => true)
    assert.equal(error?.code, 'NETGEAR_FRAME_TOO_LARGE')
  })
})

describe('frames that are to be decoded', () => {
  const arrival = { port: 5555, lost: 0 }
  afterEach(() => useJpegCodec())

  async function outputOf(counts: { delivered: string[]; dropped: number }, limits = DEFAULT_LINK_LIMITS) {
    const output = new FrameOutput({
      deliver: (_, { from }) => counts.delivered.push(from ?? ''),
      dropped: () => {
        counts.dropped += 1
      },
      failed: (error) => assert.fail(String(error)),
    })
    output.configure('raw', 'RGB', limits)
    const pixels = {
      kind: 'raw',
      data: Buffer.alloc(8 * 8 * 3),
      width: 8,
      height: 8,
      channels: 3,
      order: 'RGB',
    } as const
    const body = await encodeJpeg(pixels, 80)
    const frame = (from: string): WireFrame => ({
      kind: 'frame',
      dialect: 'netgear',
      encoding: 'jpeg',
      body,
      from,
      colorspace: 'BGR',
      fastDct: true,
      fastUpsample: false,
      repeat: false,
    })
    return { output, frame, body }
  }

  test('a peer that claims to be a hundred gets two decoders, and a good sender its turn', async () => {
    const counts = { delivered: [] as string[], dropped: 0 }
    const { output, frame } = await outputOf(counts)
    const finish: (() => void)[] = []
    let most = 0
    useJpegCodec({
      name: 'sharp',
      encode: () => assert.fail(),
      decode: async (_, { width, height }) => {
        most = Math.max(most, finish.length + 1)
        await new Promise<void>((resolve) => finish.push(resolve))
        return { kind: 'raw', data: Buffer.alloc(width * height * 3), width, height, channels: 3, order: 'RGB' }
      },
    })
    for (let claimed = 0; claimed < 100; claimed += 1) {
      for (let burst = 0; burst < 3; burst += 1) output.offer(frame(`claimed ${claimed}`), arrival)
    }
    output.offer(frame('good'), arrival)
    for (let turn = 0; turn < 105 && !counts.delivered.includes('good'); turn += 1) {
      await nextTurn()
      finish.shift()?.()
      await nextTurn()
    }
    assert.equal(most, 2)
    assert.ok(counts.delivered.includes('good'))
    output.close()
  })

  test('those that wait are held up to four of the largest size together; more are dropped', async () => {
    const counts = { delivered: [] as string[], dropped: 0 }
    const { output, frame, body } = await outputOf(counts, { ...DEFAULT_LINK_LIMITS, frameMegabytes: 0.001 })
    const room = Math.floor((4 * Math.floor(0.001 * 1024 ** 2)) / body.length)
    for (let claimed = 0; claimed < 50; claimed += 1) output.offer(frame(String(claimed)), arrival)
    assert.equal(counts.dropped, 50 - room)
    while (counts.delivered.length < room) await nextTurn()
    output.offer(frame('after'), arrival)
    while (!counts.delivered.includes('after')) await nextTurn()
    output.close()
  })
})
