import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { DEFAULT_LINK_LIMITS, wireLimits } from '../../lib/link/limits'
import type { LinkEvent } from '../../lib/link/link-events'
import type { EndOptions } from '../../lib/link/options'
import { Receiver } from '../../lib/link/receiver'
import type { NetgearError } from '../../lib/wire/error'
import { checkJpegFrame } from '../../nodes/netgear-in/frame-message'
import { FrameOutput } from '../../nodes/netgear-in/frame-output'
import { claimingSize } from '../fixtures/video/pictures'
import { type Ends, Gathered, matchingEnds } from '../links'
import { Flooder, LEAST_SHARE, type MessageFlood, WATCH_MS } from './flood'

const FPS = 30
const WIDTH = 640
const HEIGHT = 480
const MOST_GROWTH = 800 * 1024 ** 2
const HUFFMAN_TABLES = Buffer.from('ffc4', 'hex')
const START_OF_SCAN = Buffer.from('ffda', 'hex')

const events = new Gathered<LinkEvent>()
let receiver: Receiver
let ends: Ends
let camera: Flooder
let mad: Flooder
let frames = 0
let usual: Awaited<ReturnType<typeof watch>>
let jpegs: Jpegs

/** What comes in a while: the camera's pixels per second, and the most memory that is taken. */
async function watch(): Promise<{ fps: number; residentBytes: number }> {
  const start = performance.now()
  const before = frames
  let residentBytes = 0
  while (performance.now() - start < WATCH_MS) {
    await delay(20)
    residentBytes = Math.max(residentBytes, process.memoryUsage().rss)
  }
  return { fps: ((frames - before) * 1000) / (performance.now() - start), residentBytes }
}

/** Receives and decodes as netgear-in does with its output set to raw. Its test helper would keep all pixels that ever left it. */
function openDecoder(options: EndOptions): void {
  const { pixels } = wireLimits(DEFAULT_LINK_LIMITS)
  const output = new FrameOutput({
    deliver: ({ width, payload }) => {
      if (width === WIDTH && payload.length === WIDTH * HEIGHT * 3) frames += 1
    },
    dropped: ({ port }) => receiver.letGo(port),
    failed: (error, { port }) => receiver.reject(port, error as NetgearError),
  })
  output.configure('raw', 'RGB', DEFAULT_LINK_LIMITS)
  receiver = new Receiver({
    ...options,
    checkFrame: (frame) => checkJpegFrame(frame, pixels),
    onFrame: (frame, arrival) => output.offer(frame, arrival),
    onEvent: (event) => events.add(event),
  })
}

function stream(jpeg: Buffer, name: string): MessageFlood {
  const header = {
    terminate_flag: false,
    compression: { colorspace: 'BGR' },
    message: null,
    pattern: '2',
    stream: name,
  }
  const keys = { ...ends.keys.sender, server: ends.keys.receiver.publicKey }
  const port = ends.receiver.ports[0] as number
  return { kind: 'messages', port, keys, header: JSON.stringify(header), body: jpeg.toString('base64'), fps: FPS }
}

/** Kinds of JPEGs of one colour: width, height, and whether they are progressive. */
const KINDS = {
  small: [16, 16, false],
  progressive: [640, 480, true],
  large: [4000, 4000, false],
  largeProgressive: [4000, 4000, true],
  largest: [8000, 8000, false],
  largestProgressive: [8000, 8000, true],
} as const
type Jpegs = Record<keyof typeof KINDS, Buffer>

/** Made by a process of its own: what sharp takes for them and keeps is no growth of ours. */
async function makeJpegs(): Promise<Jpegs> {
  const program = `const sharp = require('sharp')
    const make = ([width, height, progressive]) => sharp({ create: { width, height, channels: 3, background: 'teal' } })
      .jpeg({ progressive }).toBuffer()
    const kinds = Object.entries(${JSON.stringify(KINDS)})
    Promise.all(kinds.map(async ([kind, shape]) => [kind, (await make(shape)).toString('base64')]))
      .then((made) => process.stdout.write(JSON.stringify(Object.fromEntries(made))))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program], { maxBuffer: 64 * 1024 ** 2 })
  const made = Object.entries<string>(JSON.parse(stdout))
  return Object.fromEntries(made.map(([kind, jpeg]) => [kind, Buffer.from(jpeg, 'base64')])) as Jpegs
}

/** A progressive JPEG, with its first scan and its Huffman tables so many times more at the end. */
function withScans(jpeg: Buffer, more: number): Buffer {
  const tables = jpeg.indexOf(HUFFMAN_TABLES)
  const next = jpeg.indexOf(HUFFMAN_TABLES, jpeg.indexOf(START_OF_SCAN))
  const scans = Array.from({ length: more }, () => jpeg.subarray(tables, next))
  return Buffer.concat([jpeg.subarray(0, -2), ...scans, jpeg.subarray(-2)])
}

/** What the mad peer sends thirty times a second, and the code that the user is told; none where it is a picture like any. */
const BOMBS: [what: string, jpeg: (jpegs: Jpegs) => Buffer, code: string | undefined][] = [
  ['65500 x 65500 in its header', ({ small }) => claimingSize(small, 65_500, 65_500), 'NETGEAR_PICTURE_TOO_LARGE'],
  ['20000 x 20000 in its header', ({ small }) => claimingSize(small, 20_000, 20_000), 'NETGEAR_PICTURE_TOO_LARGE'],
  ['as much as may be in its header, and no data for it', ({ small }) => claimingSize(small, 8000, 8000), undefined],
  ['a thousand scans', ({ progressive }) => withScans(progressive, 1000), 'NETGEAR_JPEG_UNSUPPORTED'],
  ['as many scans of 16 megapixels as may be', ({ largeProgressive }) => withScans(largeProgressive, 50), undefined],
  ['no end', ({ large }) => large.subarray(0, -2), 'NETGEAR_JPEG_TRUNCATED'],
  ['64 megapixels of one colour', ({ largest }) => largest, undefined],
  ['64 megapixels in several scans', ({ largestProgressive }) => largestProgressive, undefined],
]

describe('while an admitted peer sends JPEG bombs, a camera beside it keeps its rate at a node that decodes', () => {
  before(async () => {
    jpegs = await makeJpegs()
    ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    openDecoder(ends.receiver)
    camera = new Flooder()
    mad = new Flooder()
    const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const
    const jpeg = await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: 'red', noise } })
      .jpeg()
      .toBuffer()
    await camera.flood(stream(jpeg, 'ca3e7a00'))
    await events.first(({ event }) => event === 'connected')
    usual = await watch()
  })
  after(async () => {
    await Promise.all([camera.end(), mad.end()])
    await receiver.close()
  })

  for (const [what, jpegOf, code] of BOMBS) {
    test(what, async (t) => {
      const known = events.all.length
      await mad.flood(stream(jpegOf(jpegs), '00000bad'))
      try {
        if (code) await events.first((event) => 'code' in event && event.code === code, known)
        const { fps, residentBytes } = await watch()
        const growth = residentBytes - usual.residentBytes
        const told = events.all.slice(known)
        t.diagnostic(
          `${fps.toFixed(1)} of ${usual.fps.toFixed(1)} fps, ${(growth / 1024 ** 2).toFixed(0)} MiB more, ${told.map((event) => ('code' in event ? event.code : event.event)).join(', ')}`,
        )
        assert.ok(fps > LEAST_SHARE * usual.fps, `${fps} of ${usual.fps} fps`)
        assert.ok(growth < MOST_GROWTH, `${growth} bytes more`)
        assert.ok(told.length < 60, `${told.length} events`)
      } finally {
        await mad.stop()
      }
    })
  }
})
