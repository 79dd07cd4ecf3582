import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { matchingEnds, PATTERNS } from '../links'
import { needs } from '../requirements'
import { Stream } from './stream'
import { TwoHosts } from './two-hosts'

const BACK_MS = 2000
/** Shorter than the 3 s after which a connection is given up; longer; and so long that TCP's own retrying has become slow. */
const OUTAGES = [
  ["the receiver's interface", 1000],
  ["the sender's interface", 1000],
  ['the switch', 1000],
  ["the receiver's interface", 6000],
  ["the sender's interface", 6000],
  ['the switch', 13_000],
] as const
const ROLES = ['receiver', 'sender'] as const

/** Starts a stream in every pattern, bound at either end, with the security level that goes with the end that binds. */
async function startStreams(
  hosts: TwoHosts,
  streams: Map<string, Stream>,
  levels: Record<(typeof ROLES)[number], 'ironhouse' | 'stonehouse'>,
): Promise<void> {
  for (const pattern of PATTERNS) {
    for (const binds of ROLES) {
      const ends = await matchingEnds({ pattern, level: levels[binds], binds })
      for (const role of ROLES) ends[role].address = role === binds ? '*' : hosts.addressOf[binds]
      const inside = { receiver: hosts.inside('receiver'), sender: hosts.inside('sender') }
      streams.set(`${pattern}, the ${binds} binds`, await Stream.start(ends, { fps: 20 }, inside))
    }
  }
}

test('between two hosts every stream flows with the other security level at each end too', needs('netns'), async () => {
  const hosts = new TwoHosts()
  const streams = new Map<string, Stream>()
  try {
    await startStreams(hosts, streams, { receiver: 'stonehouse', sender: 'ironhouse' })
    assert.equal(streams.size, PATTERNS.length * ROLES.length)
    for (const stream of streams.values()) {
      await stream.back()
      stream.check()
    }
  } finally {
    await Promise.all([...streams.values()].map((stream) => stream.close()))
    hosts.close()
  }
})

test('between two hosts every stream is back within 2 s of the network', needs('netns'), async () => {
  const hosts = new TwoHosts()
  const streams = new Map<string, Stream>()
  try {
    await startStreams(hosts, streams, { receiver: 'ironhouse', sender: 'stonehouse' })
    const set = {
      "the receiver's interface": (state: 'down' | 'up') => hosts.plug('receiver', state),
      "the sender's interface": (state: 'down' | 'up') => hosts.plug('sender', state),
      'the switch': (state: 'down' | 'up') => hosts.power(state),
    }
    for (const [what, outage] of OUTAGES) {
      set[what]('down')
      await delay(outage)
      set[what]('up')
      await Promise.all(
        [...streams].map(async ([name, stream]) => {
          const took = await stream.back()
          assert.ok(took < BACK_MS, `${name}: ${took.toFixed(0)} ms after ${what} was down for ${outage} ms`)
        }),
      )
    }
    for (const stream of streams.values()) stream.check()
  } finally {
    await Promise.all([...streams.values()].map((stream) => stream.close()))
    hosts.close()
  }
})
