import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import sharp from 'sharp'
import { freePort } from '../free-port'
import { PATTERNS, SECURITIES } from '../links'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'

let runtime: FlowRuntime
afterEach(async () => {
  await helper.unload()
})

const WIDTH = 48
const HEIGHT = 32
const PATCHES = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
] as const

/** Four patches of pure colours: a swapped channel cannot hide. */
function patches(): Buffer {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3)
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const patch = PATCHES[(y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1)] ?? PATCHES[0]
      pixels.set(patch, (y * WIDTH + x) * 3)
    }
  }
  return pixels
}

async function jpeg(): Promise<Buffer> {
  return sharp(patches(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer()
}

function assertPatches(pixels: Buffer, tolerance: number): void {
  for (const [index, patch] of PATCHES.entries()) {
    const y = index < 2 ? 8 : 24
    const x = index % 2 === 0 ? 12 : 36
    const at = (y * WIDTH + x) * 3
    for (let channel = 0; channel < 3; channel += 1) {
      const difference = Math.abs((pixels[at + channel] ?? -1000) - (patch[channel] ?? 0))
      assert.ok(difference <= tolerance, `patch ${index}: ${[...pixels.subarray(at, at + 3)]} for ${patch}`)
    }
  }
}

async function start(inOptions: object = {}, outOptions: object = {}): Promise<void> {
  const port = String(await freePort())
  runtime = await FlowRuntime.start([
    netgearIn({ port, ...inOptions }),
    netgearOut({ port, events: true, wires: [['events']], ...outOptions }),
  ])
  await runtime.connected((outOptions as { name?: string }).name)
}

function logged(): string {
  return helper
    .log()
    .args.map(([entry]) => String((entry as { msg?: unknown }).msg))
    .join('\n')
}

describe('a loop in one Node-RED', () => {
  for (const pattern of PATTERNS) {
    for (const security of SECURITIES) {
      test(`${pattern} ${security}: a JPEG comes out as the very bytes that went in, with its data`, async () => {
        await start({ pattern, security }, { pattern, security, name: 'cam' })
        const picture = await jpeg()
        runtime.send({ payload: picture, data: { n: 1, text: 'ä' } })
        const message = await runtime.got.next()
        assert.deepEqual(message.payload, picture)
        assert.deepEqual(message.data, { n: 1, text: 'ä' })
        assert.equal(message.topic, 'cam')
        const { latency, timestamp, ...netgear } = message.netgear ?? {}
        assert.deepEqual(netgear, {
          type: 'frame',
          encoding: 'jpeg',
          width: WIDTH,
          height: HEIGHT,
          channels: 3,
          dtype: 'uint8',
          colorspace: 'BGR',
          port: netgear.port,
          from: 'cam',
          seq: 0,
          lost: 0,
        })
        assert.ok(Math.abs(Number(latency)) < 5000 && Math.abs(Date.now() - Number(timestamp)) < 5000)
        await runtime.completed.first(() => true)
      })
    }
  }

  test('pixels go as BGR and come out as RGB, exactly', async () => {
    await start({ output: 'raw', pixels: 'rgb' }, { encoding: 'raw' })
    runtime.send({ payload: patches(), width: WIDTH, height: HEIGHT, channels: 3 })
    const message = await runtime.got.next()
    assert.deepEqual(message.payload, patches())
    assert.equal(message.netgear?.colorspace, 'RGB')
  })

  test('as it came: raw pixels leave as the BGR that is on the wire', async () => {
    await start({ output: 'asis' }, { encoding: 'raw' })
    runtime.send({ payload: patches(), width: WIDTH, height: HEIGHT, channels: 3 })
    const { payload, netgear } = await runtime.got.next()
    assert.equal(netgear?.encoding, 'raw')
    assert.equal(netgear?.colorspace, 'BGR')
    assert.deepEqual([...(payload as Buffer).subarray(0, 3)], [0, 0, 255])
  })

  for (const [what, make] of Object.entries({
    'a JPEG': jpeg,
    'a PNG': () =>
      sharp(patches(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .png()
        .toBuffer(),
    'a WebP': () =>
      sharp(patches(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .webp({ lossless: true })
        .toBuffer(),
    'a data URL': async () => `data:image/jpeg;base64,${(await jpeg()).toString('base64')}`,
    "sharp's {data, info}": async () => ({ data: patches(), info: { width: WIDTH, height: HEIGHT, channels: 3 } }),
  })) {
    test(`${what} arrives with its colours, as JPEG on the wire and as pixels`, async () => {
      await start({ output: 'raw' })
      runtime.send({ payload: await make() })
      assertPatches((await runtime.got.next()).payload as Buffer, 40)
    })
  }

  test('raw frames on the wire leave as JPEG when the output says so', async () => {
    await start({ output: 'jpeg' }, { encoding: 'raw' })
    runtime.send({ payload: patches(), width: WIDTH, height: HEIGHT, channels: 3 })
    const { payload, netgear } = await runtime.got.next()
    assert.equal(netgear?.encoding, 'jpeg')
    assertPatches(
      await sharp(payload as Buffer)
        .raw()
        .toBuffer(),
      40,
    )
  })

  test('chunks of a byte stream are cut into frames, each message done once', async () => {
    await start()
    const picture = await jpeg()
    const stream = Buffer.concat([picture, picture, picture])
    const third = Math.floor(stream.length / 2.5)
    for (let at = 0; at < stream.length; at += third) runtime.send({ payload: stream.subarray(at, at + third) })
    await runtime.completed.count(3)
    assert.equal(runtime.caught.all.length, 0)
    for (const { payload } of runtime.got.all) assert.deepEqual(payload, picture)
  })

  test('a JPEG that was cut off within a segment does not swallow those that follow', async () => {
    await start()
    const picture = await jpeg()
    runtime.send({ payload: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xf0]), Buffer.alloc(100, 1)]) })
    runtime.send({ payload: picture })
    assert.deepEqual((await runtime.got.first(() => true)).payload, picture)
    await runtime.caught.count(1)
    assert.equal(runtime.caught.all[0]?.error?.code, 'NETGEAR_JPEG_TRUNCATED')
  })

  for (const pattern of ['pubsub', 'reqrep']) {
    test(`${pattern}: an array of whole JPEGs is sent one by one`, async () => {
      await start({ pattern }, { pattern })
      const pictures = await Promise.all(
        [1, 2, 3, 4, 5].map((n) =>
          sharp({ create: { width: n * 8, height: 8, channels: 3, background: 'red' } })
            .jpeg()
            .toBuffer(),
        ),
      )
      runtime.send({ payload: pictures })
      await runtime.got.count(5)
      assert.deepEqual(
        runtime.got.all.map(({ payload }) => payload),
        pictures,
      )
      await runtime.completed.count(1)
    })
  }

  test('an empty Buffer is nothing, and complete ends the stream', async () => {
    await start({}, { name: 'cam' })
    runtime.send({ payload: Buffer.alloc(0) })
    await runtime.completed.count(1)
    runtime.send({ complete: true })
    const message = await runtime.got.next()
    assert.equal(message.complete, true)
    assert.equal(message.netgear?.type, 'end')
    assert.equal(message.topic, 'cam')
    assert.equal('payload' in message, false)
  })

  test('what is no picture ends in an error that says what was expected and what came', async () => {
    await start()
    for (const payload of [42, { a: 1 }, 'hello', Buffer.from('hello'), true]) {
      const from = runtime.caught.all.length
      runtime.send({ payload })
      await runtime.caught.count(from + 1)
      assert.match(runtime.caught.all.at(-1)?.error?.message ?? '', /Expected a Buffer/)
      assert.equal(runtime.caught.all.at(-1)?.error?.code, 'NETGEAR_NOT_A_PICTURE')
    }
    const picture = await jpeg()
    runtime.send({ payload: picture.subarray(0, picture.length - 20) })
    await runtime.caught.count(6)
    assert.equal(runtime.caught.all.at(-1)?.error?.code, 'NETGEAR_JPEG_TRUNCATED')
    runtime.send({ payload: patches().subarray(3), width: WIDTH, height: HEIGHT, channels: 3 })
    await runtime.caught.count(7)
    runtime.send({ payload: picture })
    assert.deepEqual((await runtime.got.next()).payload, picture)
  })

  test('data that is no JSON ends in an error', async () => {
    await start()
    const circle: Record<string, unknown> = {}
    circle.self = circle
    runtime.send({ payload: await jpeg(), data: circle })
    await runtime.caught.count(1)
    assert.equal(runtime.caught.all[0]?.error?.code, 'NETGEAR_DATA_NOT_JSON')
  })

  test('the return channel brings data and pictures back', async () => {
    await start(
      { pattern: 'reqrep', bidirectional: true },
      { pattern: 'reqrep', bidirectional: true, wires: [['returned'], ['events']] },
    )
    const picture = await jpeg()
    runtime.send({ payload: { pan: 1 } }, 'in')
    await runtime.completed.count(1)
    runtime.send({ payload: picture })
    assert.deepEqual((await runtime.returned.next()).payload, { pan: 1 })
    runtime.send({ payload: picture }, 'in')
    await runtime.completed.count(3)
    runtime.send({ payload: picture })
    const back = await runtime.returned.next()
    assert.deepEqual(back.payload, picture)
    assert.equal(back.netgear?.width, WIDTH)
  })

  test('events tell who connects and leaves, on the last output', async () => {
    const port = String(await freePort())
    runtime = await FlowRuntime.start([
      netgearIn({ port, events: true, wires: [['got'], ['events']], name: 'gate' }),
      netgearOut({ port, endOfStream: true, events: true, wires: [['events']] }),
    ])
    const connected = await runtime.event('connected', 'gate')
    assert.equal((connected.payload as { address: string }).address, '127.0.0.1')
    await runtime.connected('')
    await runtime.deploy([netgearIn({ port, events: true, wires: [['got'], ['events']], name: 'gate' })], 'nodes')
    await runtime.event('ended', 'gate')
    await runtime.event('disconnected', 'gate')
  })
})

describe('what is set wrongly', () => {
  for (const [what, options, words] of [
    ['no keys node', { keys: '' }, /IronHouse needs keys/],
    ['a port that is none', { port: '70000' }, /Port "70000"/],
    ['a peer that is not trusted', { mode: 'connect', peer: 'nobody' }, /nobody/],
    ['an address with a protocol', { mode: 'connect', address: 'tcp://cam' }, /without tcp/],
    ['a rate that is none', { maxFps: 'often' }, /Max fps is "often"/],
    ['a pattern that is none', { pattern: 'push' }, /Pattern is "push"/],
  ] as const) {
    test(`${what}: a red status, an error in words, and inputs that end in it`, async () => {
      const port = String(await freePort())
      runtime = await FlowRuntime.start([
        netgearIn({ port: String(await freePort()) }),
        netgearOut({ port, ...options }),
      ])
      const status = await runtime.statuses.first(({ status }) => status?.fill === 'red')
      assert.equal(status.status?.shape, 'ring')
      runtime.send({ payload: await jpeg() })
      await runtime.caught.count(1)
      assert.match(runtime.caught.all[0]?.error?.message ?? '', words)
      assert.match(logged(), words)
    })
  }

  test('Grassland for the network is warned of, in the log and below the node', async () => {
    const port = String(await freePort())
    runtime = await FlowRuntime.start([
      netgearIn({ port, security: 'grassland', address: '*' }),
      netgearOut({ port, security: 'grassland' }),
    ])
    assert.match(logged(), /without encryption/)
    const shown = await runtime.statuses.first(({ status }) => /unencrypted/.test(status?.text ?? ''))
    assert.equal(shown.status?.fill, 'yellow')
  })
})
