import { setTimeout as delay } from 'node:timers/promises'
import { type Pipeline, RUNTIMES } from '../pipeline'
import { monotonicMs } from '../python-end'
import type { Fault } from './fault'

const HOUR_S = 3600
const STEPPED_MS = 2500
// A stream that pauses for longer was held up by the step.
const LONGEST_PAUSE_MS = 2000
const LOOK_MS = 50
const MOST_LATENCY_MS = 60_000

/** Steps a clock, has the stream flow so for a while, and steps it back. */
function stepped(name: string, step: (pipeline: Pipeline, seconds: number) => void): Fault[] {
  return [HOUR_S, -HOUR_S].map((seconds) => ({
    name: `set ${name} an hour ${seconds > 0 ? 'ahead' : 'back'}`,
    async run(pipeline: Pipeline) {
      step(pipeline, seconds)
      const pause = await longestPause(pipeline)
      const figures = [await pipeline.nodeReds.a.figures('a-in'), await pipeline.nodeReds.b.figures('b-in')]
      step(pipeline, -seconds)
      const latencies = figures.flatMap((shown) => Object.values(shown?.stats?.latency ?? {}))
      return [
        ...(pause > LONGEST_PAUSE_MS ? [`the stream paused for ${pause.toFixed(0)} ms`] : []),
        ...latencies.filter((ms) => Math.abs(ms) > MOST_LATENCY_MS).map((ms) => `a latency of ${ms} ms is shown`),
      ]
    },
  }))
}

async function longestPause({ arrivals }: Pipeline): Promise<number> {
  const until = monotonicMs() + STEPPED_MS
  let longest = 0
  while (monotonicMs() < until) {
    await delay(LOOK_MS)
    longest = Math.max(longest, monotonicMs() - arrivals.lastAt)
  }
  return longest
}

export const CLOCK_FAULTS: Fault[] = [
  ...RUNTIMES.flatMap((name) =>
    stepped(`the clock of Node-RED ${name.toUpperCase()}`, ({ nodeReds }, seconds) =>
      nodeReds[name].stepClock(seconds * 1000),
    ),
  ),
  ...stepped("the sender's clock", ({ sender }, seconds) => sender.stepClock(seconds)),
]
