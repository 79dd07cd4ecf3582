import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../test/free-port'
import type { LinkSettings } from './flows'
import { manyToOne, oneToMany } from './many-links'
import { connected } from './measurement'
import type { Workshop } from './node-red'
import { closeSubject } from './pair-of-runtimes'
import { makeFrames } from './pictures'
import { cpuSeconds } from './process-cost'
import type { Program } from './program'
import type { RunningSubject } from './running-subject'
import { sum } from './statistics'
import { figure, markdownTable } from './table'

const MANY = 20
const CAMERA_FPS = 10
// After the first frame has come through, the other links still finish their handshakes.
const ALL_CONNECTED_MS = 2000
const UNDER_WAY_MS = 500

/** One sender with 20 subscribers, and 20 cameras into one receiver: frames that do not arrive, and CPU. */
export async function fanOut(workshop: Workshop, { quick }: { quick: boolean }): Promise<unknown> {
  const seconds = quick ? 3 : 20
  const frames = await makeFrames(workshop.folder, '1280x720')
  const link = async (): Promise<LinkSettings> => {
    return { encoding: 'jpeg', frames, pattern: 'pubsub', security: 'ironhouse', port: await freePort() }
  }
  const results = [
    {
      setup: `1 sender, ${MANY} subscribers`,
      ...(await run(await oneToMany(MANY, await link(), workshop), MANY, seconds)),
    },
    { setup: `${MANY} cameras, 1 receiver`, ...(await run(await manyToOne(MANY, await link(), workshop), 1, seconds)) },
  ]
  console.log(`720p JPEG, IronHouse, pubsub, ${CAMERA_FPS} fps of each camera, ${seconds} s\n`)
  console.log(
    markdownTable(
      ['setup', 'expected', 'arrived', 'lost', 'fewest at one sink', 'latency p99 ms', 'CPU % in', 'out'],
      results.map(({ setup, expected, arrived, fewest, p99, receiverCpu, senderCpu }) => {
        const counts = [expected, arrived, expected - arrived, fewest, p99, receiverCpu, senderCpu]
        return [setup, ...counts.map((value) => figure(value, 0))]
      }),
    ),
  )
  return results
}

async function run(running: RunningSubject, copies: number, seconds: number) {
  const { sender, receiver } = running
  await connected(running)
  await delay(ALL_CONNECTED_MS)
  await receiver.command('reset')
  const cpu = ({ pid }: Program) => cpuSeconds(pid).process
  const before = { sender: cpu(sender), receiver: cpu(receiver) }
  await sender.command('start', { fps: CAMERA_FPS })
  await delay(seconds * 1000)
  const percent = (used: number) => (used * 100) / seconds
  const receiverCpu = percent(cpu(receiver) - before.receiver)
  const senderCpu = percent(cpu(sender) - before.sender)
  const { offered } = await sender.command('stop')
  await delay(UNDER_WAY_MS)
  const { sinks } = await receiver.command('report')
  await closeSubject(running)
  return {
    expected: sum(offered) * copies,
    arrived: sum(sinks.map(({ frames }) => frames)),
    fewest: Math.min(...sinks.map(({ frames }) => frames)),
    p99: Math.max(...sinks.map(({ p99 }) => p99 ?? 0)),
    receiverCpu,
    senderCpu,
  }
}
