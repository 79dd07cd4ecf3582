import { freePort } from '../test/free-port'
import { delayingRelay } from './delaying-relay'
import type { LinkSettings, Pattern } from './flows'
import { connected, measure } from './measurement'
import type { Workshop } from './node-red'
import { closeSubject, startRuntimes } from './pair-of-runtimes'
import { makeFrames } from './pictures'
import type { RunningSubject } from './running-subject'
import { netgearPython } from './subjects'
import { figure, markdownTable } from './table'

const CAMERA_FPS = 30
const ROUND_TRIP_MS = 50

type Start = (settings: LinkSettings, workshop: Workshop) => Promise<RunningSubject>

const windowOf =
  (window: number): Start =>
  (settings, workshop) =>
    startRuntimes(settings, workshop, { out: { window } })

const SENDERS: readonly (readonly [string, Start])[] = [
  ['window 1', windowOf(1)],
  ['window 8', windowOf(8)],
  ['NetGear (Python)', netgearPython.start],
]

/** How many frames a second a lock-step link carries over a line with a round trip of 50 ms. */
export async function roundTrip(workshop: Workshop, { quick }: { quick: boolean }): Promise<unknown> {
  const seconds = quick ? 3 : 10
  const frames = await makeFrames(workshop.folder, '1280x720')
  const results = []
  for (const pattern of ['pair', 'reqrep'] satisfies Pattern[]) {
    for (const [sender, start] of SENDERS) {
      const port = await freePort()
      const relay = await delayingRelay(port, ROUND_TRIP_MS / 2)
      const link = { encoding: 'jpeg', frames, pattern, security: 'ironhouse', port, senderPort: relay.port } as const
      const running = await start(link, workshop)
      await connected(running)
      const { fps, p50, p99 } = await measure(running, CAMERA_FPS, seconds)
      await closeSubject(running)
      relay.close()
      results.push({ pattern, sender, fps, p50, p99 })
    }
  }
  console.log(`720p JPEG, IronHouse, ${CAMERA_FPS} fps offered, round trip ${ROUND_TRIP_MS} ms\n`)
  console.log(
    markdownTable(
      ['pattern', 'sender', 'fps', 'latency p50', 'p99 ms'],
      results.map(({ pattern, sender, fps, p50, p99 }) => {
        return [pattern, sender, figure(fps, 1), figure(p50, 0), figure(p99, 0)]
      }),
    ),
  )
  return results
}
