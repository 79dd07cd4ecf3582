import { NetgearError } from '../../lib/wire/error'
import { Dice, mutate } from './mutate'
import { fuzzTargets } from './targets'

const SLOW_MS = 500
// After so many inputs everything has been loaded and compiled.
const WARM_SHARE = 0.2

export interface Finding {
  target: string
  input: Buffer
  error: unknown
}

export interface FuzzResult {
  tried: number
  findings: Finding[]
  /** By how much the resident memory of the process grew after the first fifth. */
  grownMegabytes: number
}

/**
 * Feeds every target with damaged inputs until `inputs` have been tried or `seconds` are over. What is thrown other than a
 * `NetgearError`, and what takes longer than half a second twice, is a finding; there are none in good code.
 */
export async function fuzz({
  seed,
  inputs,
  seconds,
}: {
  seed: number
  inputs: number
  seconds: number
}): Promise<FuzzResult> {
  const targets = await fuzzTargets()
  const until = performance.now() + seconds * 1000
  const findings: Finding[] = []
  let tried = 0
  let warm = process.memoryUsage.rss()
  for (; tried < inputs && performance.now() < until && findings.length < 20; tried += 1) {
    const target = targets[tried % targets.length] as (typeof targets)[0]
    const dice = new Dice(seed + tried)
    const input = mutate(dice.pick(target.seeds), dice)
    const attempt = async () => {
      const started = performance.now()
      try {
        const taken = target.take(input, new Dice(seed + tried))
        if (taken) await taken
      } catch (error) {
        if (!(error instanceof NetgearError)) findings.push({ target: target.name, input, error })
      }
      return performance.now() - started
    }
    // Twice, because the machine may have been busy with something else.
    if ((await attempt()) > SLOW_MS && (await attempt()) > SLOW_MS)
      findings.push({ target: target.name, input, error: new Error('slow') })
    if (tried === Math.round(inputs * WARM_SHARE)) warm = process.memoryUsage.rss()
  }
  return { tried, findings, grownMegabytes: (process.memoryUsage.rss() - warm) / 2 ** 20 }
}
