import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import sharp from 'sharp'
import type { Arrival } from '../../lib/link/receiving-link'
import type { WireEnd, WireFrame } from '../../lib/wire/message'
import { FrameOutput } from '../../nodes/netgear-in/frame-output'
import { ArrivalOrder } from '../../nodes/netgear-out/arrival-order'
import { FrameInput } from '../../nodes/netgear-out/frame-input'
import { freePort } from '../free-port'
import { Gathered } from '../links'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'

const create = { width: 320, height: 240, channels: 3, background: 'red' } as const
const jpeg = () => sharp({ create }).jpeg().toBuffer()
const png = () => sharp({ create }).png().toBuffer()

/** Whether two Buffers are the very same bytes, not copies. */
function shareMemory(one: Buffer | 'end' | undefined, other: Buffer): boolean {
  if (!Buffer.isBuffer(one)) return false
  return one.buffer === other.buffer && one.byteOffset === other.byteOffset && one.length === other.length
}

describe('what goes into netgear-out leaves in order', () => {
  /** A FrameInput, what it sent, and how often `done` was called for each message by its name. */
  function framesIn({ maxFps = 0, queue = 1 } = {}) {
    const sent = new Gathered<Buffer | 'end'>()
    const done: string[] = []
    const input = new FrameInput({
      encoding: 'jpeg',
      quality: 90,
      maxFps,
      queue,
      dropped: () => undefined,
      send: ({ body }) => sent.add(body),
      end: () => sent.add('end'),
    })
    const take = (name: string, value: unknown) => input.take(value, {}, undefined, () => done.push(name))
    const end = (name: string) => input.end(() => done.push(name))
    return { input, sent, done, take, end }
  }

  test('the end of the stream after a picture that is still being encoded', async () => {
    const { input, sent, done, take, end } = framesIn()
    take('png', await png())
    end('end')
    await sent.count(2)
    assert.equal(sent.all[1], 'end')
    assert.deepEqual(done, ['png', 'end'])
    input.close()
  })

  test('a JPEG after a picture that is still being encoded, as the very Buffer that came; else at once', async () => {
    const { input, sent, done, take } = framesIn()
    const picture = await jpeg()
    take('png', await png())
    take('jpeg', picture)
    assert.deepEqual(sent.all, [])
    await sent.count(2)
    assert.notEqual(sent.all[0], picture)
    assert.ok(shareMemory(sent.all[1], picture))
    take('travels', picture)
    assert.equal(sent.all.length, 3)
    assert.deepEqual(done, ['png', 'jpeg', 'travels'])
    input.close()
  })

  test('the end of the stream after a picture that the frame rate holds back, and before the next', async () => {
    const { input, sent, done, take, end } = framesIn({ maxFps: 50 })
    const [first, second, third] = [await jpeg(), await jpeg(), await jpeg()]
    take('first', first)
    take('second', second)
    end('end')
    assert.equal(sent.all.length, 1)
    await sent.count(3)
    assert.equal(sent.all[2], 'end')
    take('second', second)
    end('end')
    take('third', third)
    assert.equal(sent.all[3], 'end')
    await sent.count(5)
    assert.deepEqual(done, ['first', 'second', 'end', 'second', 'end', 'third'])
    input.close()
  })

  test('all pictures of one message, though only one message may wait', async () => {
    const { input, sent, done, take } = framesIn()
    const picture = await png()
    take('six', [picture, picture, picture, picture, picture, picture])
    await sent.count(6)
    assert.deepEqual(done, ['six'])
    input.close()
  })

  test('closing ends each message once, the end of the stream too', async () => {
    const { input, done, take, end } = framesIn({ maxFps: 1 })
    take('png', await png())
    end('a')
    take('held back', await jpeg())
    end('b')
    input.close()
    assert.deepEqual(done.sort(), ['a', 'b', 'held back', 'png'])
  })

  test('values that have to be waited for hold up those behind them, and a failure nobody', async () => {
    const arrivals = new ArrivalOrder()
    const told = new Gathered<string>()
    const take = (value: string | Promise<string>) =>
      arrivals.take(
        value,
        (used) => told.add(used),
        (error) => told.add(String(error)),
      )
    take('at once')
    assert.deepEqual(told.all, ['at once'])
    let slow: (value: string) => void = () => undefined
    take(new Promise<string>((resolve) => (slow = resolve)))
    take(Promise.reject(new Error('no')))
    take('behind')
    slow('slow')
    await told.count(4)
    take('at once')
    assert.deepEqual(told.all, ['at once', 'slow', 'Error: no', 'behind', 'at once'])
  })
})

describe('what netgear-in makes of frames leaves in order', () => {
  const arrival: Arrival = { port: 5555, lost: 0 }
  const frame = { kind: 'frame', dialect: 'netgear', colorspace: 'BGR', repeat: false } as const
  const jpegFrame = (from: string, body: Buffer): WireFrame => ({
    ...frame,
    encoding: 'jpeg',
    body,
    from,
    fastDct: true,
    fastUpsample: false,
  })

  function output(to: 'jpeg' | 'raw') {
    const left = new Gathered<string>()
    const frames = new FrameOutput({
      deliver: ({ encoding }, { from }) => left.add(`${from} ${encoding}`),
      dropped: () => left.add('dropped'),
      failed: (error) => left.add(String(error)),
    })
    frames.configure(to, 'RGB', { frameMegabytes: 1, pictureMegapixels: 1, connections: 1, handshakeSeconds: 1 })
    const ends = (from: string) => {
      const end: WireEnd = { kind: 'end', from }
      frames.afterFramesOf(end, () => left.add(`${from} end`))
    }
    return { frames, left, ends }
  }

  test("the end of a stream after that sender's frames that are still being decoded, and only after those", async () => {
    const { frames, left, ends } = output('raw')
    const body = await jpeg()
    frames.offer(jpegFrame('yard', body), arrival)
    ends('yard')
    ends('porch')
    assert.deepEqual(left.all, ['porch end'])
    await left.count(3)
    assert.deepEqual(left.all, ['porch end', 'yard raw', 'yard end'])
    frames.close()
  })

  test('a JPEG after pixels that are still being encoded', async () => {
    const { frames, left } = output('jpeg')
    const pixels: WireFrame = {
      ...frame,
      encoding: 'raw',
      body: Buffer.alloc(320 * 240 * 3),
      width: 320,
      height: 240,
      channels: 3,
      shape: [240, 320, 3],
      dtype: 'uint8',
      from: 'yard',
    }
    const body = await jpeg()
    frames.offer(pixels, arrival)
    frames.offer(jpegFrame('yard', body), arrival)
    frames.offer(jpegFrame('porch', body), arrival)
    assert.deepEqual(left.all, ['porch jpeg'])
    await left.count(3)
    assert.deepEqual(left.all, ['porch jpeg', 'yard jpeg', 'yard jpeg'])
    frames.close()
  })
})

describe('a stream through both nodes', () => {
  afterEach(() => helper.unload())

  for (const [what, make] of Object.entries({ JPEG: jpeg, PNG: png })) {
    test(`a ${what} and the end of the stream at the same moment come out in that order, as pixels`, async () => {
      const port = String(await freePort())
      const runtime = await FlowRuntime.start([
        netgearIn({ port, output: 'raw' }),
        netgearOut({ port, events: true, wires: [['events']] }),
      ])
      await runtime.connected()
      const payload = await make()
      runtime.send({ payload })
      runtime.send({ complete: true })
      await runtime.got.count(2)
      await runtime.completed.count(2)
      assert.deepEqual(
        runtime.got.all.map(({ complete }) => complete === true),
        [false, true],
      )
      assert.equal(runtime.completed.all.length, 2)
    })
  }
})
