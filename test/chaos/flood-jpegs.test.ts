import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { claimingSize } from '../fixtures/video/pictures'
import { freePort } from '../free-port'
import { FlowRuntime, netgearIn, pair } from '../node/flow-runtime'
import { Flooder, LEAST_SHARE, type MessageFlood } from './flood'

const FPS = 30
const WATCH_MS = Number(process.env.NETGEAR_TEST_FLOOD_WATCH_MS ?? 1500)
const WIDTH = 640
const MOST_GROWTH = 900 * 1024 ** 2
const SCAN = Buffer.from('ffda0008010100013f10', 'hex')

let runtime: FlowRuntime
let port: number
let camera: Flooder
let mad: Flooder
let usual: Awaited<ReturnType<typeof watch>>

/** What comes in a while: the camera's pixels per second, and the most memory that is taken. */
async function watch(): Promise<{ fps: number; residentBytes: number }> {
  const start = performance.now()
  let frames = 0
  let residentBytes = 0
  runtime.got.all.length = 0
  while (performance.now() - start < WATCH_MS) {
    await delay(20)
    const arrived = runtime.got.all.splice(0)
    frames += arrived.filter(({ netgear, payload }) => {
      return netgear?.width === WIDTH && (payload as Buffer).length === WIDTH * 480 * 3
    }).length
    residentBytes = Math.max(residentBytes, process.memoryUsage().rss)
  }
  return { fps: (frames * 1000) / (performance.now() - start), residentBytes }
}

function stream(jpeg: Buffer, name: string): MessageFlood {
  const header = { terminate_flag: false, compression: { colorspace: 'BGR' }, message: null, pattern: '2', stream: name }
  const keys = { ...pair, server: pair.publicKey }
  return { kind: 'messages', port, keys, header: JSON.stringify(header), body: jpeg.toString('base64'), fps: FPS }
}

async function picture(width: number, height: number, progressive = false): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: 'teal' } }).jpeg({ progressive }).toBuffer()
}

async function withScans(width: number, height: number, scans: number): Promise<Buffer> {
  const jpeg = await picture(width, height, true)
  return Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(scans * SCAN.length, SCAN), jpeg.subarray(-2)])
}

/** What the mad peer sends thirty times a second, and the code that the user is told; none where it is a picture like any. */
const BOMBS: [what: string, jpeg: () => Promise<Buffer>, code: string | undefined][] = [
  ['65500 x 65500 in its header', async () => claimingSize(await picture(16, 16), 65_500, 65_500), 'NETGEAR_PICTURE_TOO_LARGE'],
  ['20000 x 20000 in its header', async () => claimingSize(await picture(16, 16), 20_000, 20_000), 'NETGEAR_PICTURE_TOO_LARGE'],
  ['as much as may be in its header, and no data for it', async () => claimingSize(await picture(16, 16), 8000, 8000), 'NETGEAR_JPEG_BROKEN'],
  ['a thousand scans', () => withScans(640, 480, 1000), 'NETGEAR_JPEG_UNSUPPORTED'],
  ['as many scans of 16 megapixels as may be', () => withScans(4000, 4000, 50), undefined],
  ['no end', async () => (await picture(4000, 4000)).subarray(0, -2), 'NETGEAR_JPEG_TRUNCATED'],
  ['64 megapixels of one colour', () => picture(8000, 8000), undefined],
]

describe('while an admitted peer sends JPEG bombs, a camera beside it keeps its rate at a node that decodes', () => {
  before(async () => {
    port = await freePort()
    runtime = await FlowRuntime.start([
      netgearIn({ port: String(port), name: 'gate', output: 'raw', events: true, wires: [['got'], ['events']] }),
    ])
    camera = new Flooder()
    mad = new Flooder()
    const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const
    const jpeg = await sharp({ create: { width: WIDTH, height: 480, channels: 3, background: 'red', noise } })
      .jpeg()
      .toBuffer()
    await camera.flood(stream(jpeg, 'camera'))
    await runtime.got.first(() => true)
    usual = await watch()
  })
  after(async () => {
    await Promise.all([camera.end(), mad.end()])
    await runtime.stop()
  })

  for (const [what, jpegOf, code] of BOMBS) {
    test(what, async (t) => {
      const known = runtime.events.all.length
      await mad.flood(stream(await jpegOf(), 'mad'))
      try {
        if (code) await runtime.events.first(({ payload }) => (payload as { code?: string }).code === code, known)
        const { fps, residentBytes } = await watch()
        const growth = residentBytes - usual.residentBytes
        const told = runtime.events.all.slice(known).map(({ payload }) => payload as { event: string; code?: string })
        t.diagnostic(`${fps.toFixed(1)} of ${usual.fps.toFixed(1)} fps, ${(growth / 1024 ** 2).toFixed(0)} MiB more, ${told.map(({ event, code = '' }) => `${event} ${code}`).join(', ')}`)
        assert.ok(fps > LEAST_SHARE * usual.fps, `${fps} of ${usual.fps} fps`)
        assert.ok(growth < MOST_GROWTH, `${growth} bytes more`)
        assert.ok(told.length < 60, `${told.length} events`)
      } finally {
        await mad.stop()
      }
    })
  }
})
