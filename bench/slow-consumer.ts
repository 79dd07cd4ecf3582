import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../test/free-port'
import type { LinkSettings, Pattern } from './flows'
import { connected } from './measurement'
import type { Workshop } from './node-red'
import { closeSubject, type NodeSettings, startRuntimes } from './pair-of-runtimes'
import { makeFrames } from './pictures'
import { memory } from './process-cost'
import { figure, markdownTable } from './table'

const CAMERA_FPS = 30
const CONSUMERS: readonly { consumer: string; pattern: Pattern; nodes: NodeSettings }[] = [
  { consumer: 'blocks the event loop for 100 ms', pattern: 'pubsub', nodes: { sink: { busyMs: 100 } } },
  { consumer: 'blocks the event loop for 100 ms', pattern: 'pair', nodes: { sink: { busyMs: 100 } } },
  { consumer: 'blocks the event loop for 100 ms', pattern: 'reqrep', nodes: { sink: { busyMs: 100 } } },
  { consumer: 'maxFps 10', pattern: 'pubsub', nodes: { in: { maxFps: 10 } } },
]

/** How old the frames are that reach a consumer which takes fewer than 30 in a second, and what piles up. */
export async function slowConsumer(workshop: Workshop, { quick }: { quick: boolean }): Promise<unknown> {
  const seconds = quick ? 3 : 20
  const frames = await makeFrames(workshop.folder, '1280x720')
  const results = []
  for (const { consumer, pattern, nodes } of CONSUMERS) {
    const settings: LinkSettings = { encoding: 'jpeg', frames, pattern, security: 'ironhouse', port: await freePort() }
    const runtimes = await startRuntimes(settings, workshop, nodes)
    await connected(runtimes)
    const { sender, receiver } = runtimes
    await receiver.command('reset')
    const before = memory(receiver.pid).resident
    await sender.command('start', { fps: CAMERA_FPS })
    await delay(seconds * 1000)
    const { sinks } = await receiver.command('report')
    const grownBy = memory(receiver.pid).resident - before
    await closeSubject(runtimes)
    const { frames: taken = 0, p50, max } = sinks[0] ?? {}
    results.push({ consumer, pattern, fps: taken / seconds, p50, max, before, grownBy })
  }
  console.log(`720p JPEG, IronHouse, ${CAMERA_FPS} fps in, ${seconds} s: age of the frames that the consumer gets\n`)
  console.log(
    markdownTable(
      ['consumer', 'pattern', 'fps', 'age p50 ms', 'max ms', 'MB before', 'grown by'],
      results.map(({ consumer, pattern, fps, p50, max, before, grownBy }) => {
        return [consumer, pattern, ...[fps, p50, max, before, grownBy].map((value) => figure(value, 0))]
      }),
    ),
  )
  return results
}
