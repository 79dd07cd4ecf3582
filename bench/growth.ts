import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../test/free-port'
import { type Chart, svgCharts } from './chart'
import type { LinkSettings } from './flows'
import { manyToOne, oneToMany } from './many-links'
import { connected, type Measured, measure } from './measurement'
import type { Workshop } from './node-red'
import { closeSubject, startRuntimes } from './pair-of-runtimes'
import { type Frames, makeFrames, SIZES, type Size } from './pictures'
import type { RunningSubject } from './running-subject'
import { figure, markdownTable } from './table'

const CAMERA_FPS = 30
const SLOW_CAMERA_FPS = 10
const RATES = [10, 30, 60, 120]
const COUNTS = [1, 5, 10, 20]
const PLOTS = join(__dirname, '..', 'docs', 'performance.svg')
// After the first frame has come through, the other links still finish their handshakes.
const ALL_CONNECTED_MS = 1500

/** One measured point: what was varied, its value, and what both ends then cost. */
interface Point {
  varied: string
  value: number
  fps: number
  receiver: number
  sender: number
}

/** How CPU grows with the size of frames, their rate, the number of cameras and of subscribers; draws docs/performance.svg. */
export async function growth(workshop: Workshop, { quick }: { quick: boolean }): Promise<unknown> {
  const seconds = quick ? 2 : 10
  const frames = new Map<Size, Frames>()
  for (const size of Object.keys(SIZES) as Size[]) frames.set(size, await makeFrames(workshop.folder, size))
  const points: Point[] = []

  const take = async (
    varied: string,
    value: number,
    { size = '1280x720', encoding = 'jpeg', fps }: { size?: Size; encoding?: 'jpeg' | 'raw'; fps: number },
    start: (settings: LinkSettings) => Promise<RunningSubject>,
  ) => {
    const made = frames.get(size)
    if (!made) throw new Error(`There are no frames of ${size}.`)
    const link = { encoding, frames: made, pattern: 'pubsub', security: 'ironhouse', port: await freePort() } as const
    const running = await start(link)
    await connected(running)
    await delay(ALL_CONNECTED_MS)
    const measured = await measure(running, fps, seconds)
    await closeSubject(running)
    points.push({ varied, value, fps: measured.fps, ...percentages(measured) })
  }

  for (const encoding of ['jpeg', 'raw'] as const) {
    for (const [size, { bytes }] of frames) {
      const nodes = { in: { output: 'asis' } }
      const given = { size, encoding, fps: CAMERA_FPS }
      await take(`size of ${encoding} frames, kB`, bytes[encoding] / 1000, given, (link) =>
        startRuntimes(link, workshop, nodes),
      )
    }
  }
  for (const fps of RATES) await take('frames per second', fps, { fps }, (link) => startRuntimes(link, workshop, {}))
  for (const count of COUNTS) {
    await take('cameras', count, { fps: SLOW_CAMERA_FPS }, (link) => manyToOne(count, link, workshop))
  }
  for (const count of COUNTS) {
    await take('subscribers', count, { fps: SLOW_CAMERA_FPS }, (link) => oneToMany(count, link, workshop))
  }

  console.log('720p JPEG unless another size is said, IronHouse, pubsub: CPU of each end in % of a core\n')
  console.log(
    markdownTable(
      ['varied', 'value', 'fps', 'receiver %', 'sender %'],
      points.map(({ varied, value, fps, receiver, sender }) => {
        return [varied, ...[value, fps].map((number) => figure(number, 0)), figure(receiver, 1), figure(sender, 1)]
      }),
    ),
  )
  writeFileSync(PLOTS, svgCharts(charts(points)))
  return points
}

function percentages({ receiver, sender }: Measured) {
  return { receiver: receiver.cpuPercent, sender: sender.cpuPercent }
}

function charts(points: readonly Point[]): Chart[] {
  const of = (wanted: string) => points.filter(({ varied }) => varied === wanted)
  const bothEnds = (wanted: string) =>
    (['receiver', 'sender'] as const).map((end) => ({
      name: end,
      points: of(wanted).map((point) => ({ x: point.value, y: point[end] })),
    }))
  const yLabel = 'CPU, % of a core'
  const jpeg = `${CAMERA_FPS} fps, as the size grows`
  return [
    { title: `JPEG at ${jpeg}`, xLabel: 'kB per frame', yLabel, lines: bothEnds('size of jpeg frames, kB') },
    { title: `Raw at ${jpeg}`, xLabel: 'kB per frame', yLabel, lines: bothEnds('size of raw frames, kB') },
    {
      title: '720p JPEG, as the rate grows',
      xLabel: 'frames per second',
      yLabel,
      lines: bothEnds('frames per second'),
    },
    {
      title: `720p JPEG at ${SLOW_CAMERA_FPS} fps, as links grow in number`,
      xLabel: 'cameras into one receiver, or subscribers of one sender',
      yLabel,
      lines: [
        ...bothEnds('cameras')
          .slice(0, 1)
          .map((line) => ({ ...line, name: 'receiver of so many cameras' })),
        ...bothEnds('subscribers')
          .slice(1)
          .map((line) => ({ ...line, name: 'sender to so many subscribers' })),
        ...bothEnds('subscribers')
          .slice(0, 1)
          .map((line) => ({ ...line, name: 'so many subscribers in one runtime' })),
      ],
    },
  ]
}
