import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { matchingEnds, PATTERNS } from '../links'
import { Stream } from './stream'

const BACK_MS = 2000
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 12)
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000)
const ROLES = ['receiver', 'sender'] as const

test(`random faults for ${SECONDS} s, CHAOS_SEED=${SEED}`, { timeout: (SECONDS + 60) * 1000 }, async () => {
  const random = seeded(SEED)
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T
  const until = performance.now() + SECONDS * 1000
  while (performance.now() < until) {
    const pattern = pick(PATTERNS)
    const binds = pick(ROLES)
    const level = pick(['stonehouse', 'ironhouse'] as const)
    const window = pick([1, 4])
    const frameBytes = pick([2000, 200_000])
    const history = [`${pattern} ${level} window ${window}, ${frameBytes} bytes, the ${binds} binds`]
    const stream = await Stream.start(await matchingEnds({ pattern, level, binds }), { window, frameBytes })
    try {
      for (let fault = 0; fault < 8 && performance.now() < until; fault += 1) {
        const roles = pick([['receiver'], ['sender'], ['receiver', 'sender'], ['sender', 'receiver']] as const)
        const kind = pick(['killed', 'frozen'] as const)
        const pause = Math.floor(random() * 2500)
        history.push(`${roles.join(' and ')} ${kind} for ${pause} ms`)
        for (const role of roles) await stream.end(role).signal(kind === 'killed' ? 'SIGKILL' : 'SIGSTOP')
        await delay(pause)
        for (const role of roles) {
          if (kind === 'killed') await stream.startEnd(role)
          else await stream.end(role).signal('SIGCONT')
        }
        const took = await stream.back()
        assert.ok(took < BACK_MS, `${took.toFixed(0)} ms after: ${history.join('; ')}`)
        stream.check()
      }
    } finally {
      await stream.close()
    }
  }
})

/** Numbers from 0 to 1, the same ones for the same seed. */
function seeded(seed: number): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    return createHash('sha256').update(`${seed} ${drawn}`).digest().readUInt32BE() / 2 ** 32
  }
}
