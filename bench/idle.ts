import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../test/free-port'
import { keysFor, type LinkSettings, netgearIn, SINK } from './flows'
import { connected } from './measurement'
import { startNodeRed, type Workshop } from './node-red'
import { closeSubject, startRuntimes } from './pair-of-runtimes'
import { makeFrames } from './pictures'
import { cpuSeconds, memory } from './process-cost'
import type { Program } from './program'
import { netgearPython } from './subjects'
import { figure, markdownTable } from './table'

// What a runtime does after its start, it does within this time.
const SETTLE_MS = 3000

/** What a receiver costs while nothing comes. */
export async function idle(workshop: Workshop, { quick }: { quick: boolean }): Promise<unknown> {
  const seconds = quick ? 3 : 10
  const frames = await makeFrames(workshop.folder, '640x480')
  const settings = async (): Promise<LinkSettings> => {
    return { encoding: 'jpeg', frames, pattern: 'pubsub', security: 'ironhouse', port: await freePort() }
  }
  const results: { receiver: string; cpuPercent: number; megabytes: number }[] = []
  const watch = async (receiver: string, { pid }: Program) => {
    await delay(SETTLE_MS)
    const before = cpuSeconds(pid).process
    await delay(seconds * 1000)
    const cpuPercent = ((cpuSeconds(pid).process - before) * 100) / seconds
    results.push({ receiver, cpuPercent, megabytes: memory(pid).resident })
  }

  const empty = await startNodeRed(workshop, { nodes: [SINK] })
  await watch('Node-RED without our nodes', empty)
  await empty.kill()

  const { nodes, credentials } = keysFor('ironhouse').keysOf('receiver')
  const waiting = await startNodeRed(workshop, { nodes: [...nodes, netgearIn(await settings()), SINK], credentials })
  await watch('netgear-in, nobody connected', waiting)
  await waiting.kill()

  const runtimes = await startRuntimes(await settings(), workshop, {})
  await connected(runtimes)
  await watch('netgear-in, connected', runtimes.receiver)
  await closeSubject(runtimes)

  const python = await netgearPython.start(await settings(), workshop)
  await connected(python)
  await watch('NetGear (Python), connected', python.receiver)
  await closeSubject(python)

  console.log(`CPU over ${seconds} s in which no frame comes\n`)
  console.log(
    markdownTable(
      ['receiver', 'CPU %', 'MB'],
      results.map(({ receiver, cpuPercent, megabytes }) => [receiver, figure(cpuPercent, 1), figure(megabytes, 0)]),
    ),
  )
  return results
}
