import { setTimeout as delay } from 'node:timers/promises'
import { type Pipeline, RUNTIMES, type RuntimeName } from '../pipeline'
import type { Fault } from './fault'

const SHORTEST_MS = 400
const MOST_AWAY_MS = 2500
// Beyond the 3 s after which a connection to a silent host is given up.
const MOST_FROZEN_MS = 5000

const PYTHON_ENDS = ['sender', 'receiver'] as const

function startPython(pipeline: Pipeline, end: (typeof PYTHON_ENDS)[number]): Promise<void> {
  return end === 'sender' ? pipeline.startSender() : pipeline.startReceiver()
}

function pythonEnd(end: (typeof PYTHON_ENDS)[number]): Fault[] {
  return [
    {
      name: `kill the Python ${end}, start it again`,
      interrupts: true,
      async run(pipeline, dice) {
        await pipeline[end].kill()
        await delay(SHORTEST_MS + dice.below(MOST_AWAY_MS))
        await startPython(pipeline, end)
      },
    },
    {
      name: `freeze the Python ${end}`,
      interrupts: true,
      async run(pipeline, dice) {
        pipeline[end].signal('SIGSTOP')
        await delay(SHORTEST_MS + dice.below(MOST_FROZEN_MS))
        pipeline[end].signal('SIGCONT')
      },
    },
  ]
}

function nodeRed(name: RuntimeName): Fault[] {
  const title = `Node-RED ${name.toUpperCase()}`
  const restart = (verb: string, signal: 'SIGKILL' | 'SIGTERM'): Fault => ({
    name: `${verb} ${title}, start it again`,
    interrupts: true,
    async run({ nodeReds }, dice) {
      await nodeReds[name].end(signal)
      await delay(SHORTEST_MS + dice.below(MOST_AWAY_MS))
      await nodeReds[name].start()
    },
  })
  return [
    restart('kill', 'SIGKILL'),
    restart('stop', 'SIGTERM'),
    {
      name: `freeze ${title}`,
      interrupts: true,
      async run({ nodeReds }, dice) {
        nodeReds[name].signal('SIGSTOP')
        await delay(SHORTEST_MS + dice.below(MOST_FROZEN_MS))
        nodeReds[name].signal('SIGCONT')
      },
    },
  ]
}

const everything: Fault = {
  name: 'kill all four processes, start them again',
  interrupts: true,
  async run(pipeline) {
    const { nodeReds, sender, receiver } = pipeline
    await Promise.all([sender.kill(), receiver.kill(), ...RUNTIMES.map((name) => nodeReds[name].end('SIGKILL'))])
    const starts = RUNTIMES.map((name) => nodeReds[name].start())
    await Promise.all([...starts, ...PYTHON_ENDS.map((end) => startPython(pipeline, end))])
  },
}

export const PROCESS_FAULTS: Fault[] = [...PYTHON_ENDS.flatMap(pythonEnd), ...RUNTIMES.flatMap(nodeRed), everything]
