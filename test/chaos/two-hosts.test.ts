import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { matchingEnds, PATTERNS } from '../links'
import { needs } from '../requirements'
import { Stream } from './stream'
import { TwoHosts } from './two-hosts'

const BACK_MS = 2000
/** Shorter than the 3 s after which a connection is given up; longer; and so long that TCP's own retrying has become slow. */
const INTERFACE_OUTAGES_MS = [1000, 6000]
const SWITCH_OUTAGES_MS = [1000, 13_000]
const ROLES = ['receiver', 'sender'] as const

type Level = 'ironhouse' | 'stonehouse'

/** Two hosts with a stream in every pattern, bound at either end, with the security level that goes with the end that binds. */
class ConnectedHosts {
  readonly hosts = new TwoHosts()
  readonly #streams = new Map<string, Stream>()

  async startStreams(levels: Record<(typeof ROLES)[number], Level>): Promise<void> {
    const inside = { receiver: this.hosts.inside('receiver'), sender: this.hosts.inside('sender') }
    for (const pattern of PATTERNS) {
      for (const binds of ROLES) {
        const ends = await matchingEnds({ pattern, level: levels[binds], binds })
        for (const role of ROLES) ends[role].address = role === binds ? '*' : this.hosts.addressOf[binds]
        this.#streams.set(`${pattern}, the ${binds} binds`, await Stream.start(ends, { fps: 20 }, inside))
      }
    }
  }

  /** Takes something down for so long; fails unless every stream is back in time when it is up again. */
  async survive(what: string, outageMs: number, set: (state: 'down' | 'up') => void): Promise<void> {
    set('down')
    await delay(outageMs)
    set('up')
    await Promise.all(
      [...this.#streams].map(async ([name, stream]) => {
        const took = await stream.back()
        assert.ok(took < BACK_MS, `${name}: ${took.toFixed(0)} ms after ${what} was down for ${outageMs} ms`)
      }),
    )
  }

  check(): void {
    assert.equal(this.#streams.size, PATTERNS.length * ROLES.length)
    for (const stream of this.#streams.values()) stream.check()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.close()))
    this.hosts.close()
  }
}

describe('between two hosts every stream is back within 2 s of the network', {
  ...needs('netns'),
  concurrency: 2,
}, () => {
  test('when an interface was down', async () => {
    const connected = new ConnectedHosts()
    try {
      await connected.startStreams({ receiver: 'ironhouse', sender: 'stonehouse' })
      for (const outage of INTERFACE_OUTAGES_MS) {
        for (const role of ROLES) {
          await connected.survive(`the ${role}'s interface`, outage, (state) => connected.hosts.plug(role, state))
        }
      }
      connected.check()
    } finally {
      await connected.close()
    }
  })

  test('when the switch swallowed everything, with the other security level at each end', async () => {
    const connected = new ConnectedHosts()
    try {
      await connected.startStreams({ receiver: 'stonehouse', sender: 'ironhouse' })
      for (const outage of SWITCH_OUTAGES_MS) {
        await connected.survive('the switch', outage, (state) => connected.hosts.power(state))
      }
      connected.check()
    } finally {
      await connected.close()
    }
  })
})
