import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Ends, matchingEnds, PATTERNS } from '../links'
import { Tap } from '../tap'
import { Stream } from './stream'

const BACK_MS = 2000
const ROLES = ['receiver', 'sender'] as const

type Role = (typeof ROLES)[number]

const other = (role: Role): Role => (role === 'receiver' ? 'sender' : 'receiver')

describe('the stream is back within 2 s, encrypted', { concurrency: 2 }, () => {
  for (const pattern of PATTERNS) {
    for (const binds of ROLES) {
      test(`${pattern}, the ${binds} binds: after either end, or both, died or froze`, async () => {
        const ends = await matchingEnds({ pattern, level: 'ironhouse', binds })
        const stream = await Stream.start(ends)
        try {
          for (const role of ROLES) {
            await stream.end(role).signal('SIGKILL')
            const before = role === binds ? 0 : stream.end(binds).events.all.length
            await stream.startEnd(role)
            await isBack(stream, `the ${role} was killed`)
            await isEncrypted(stream, ends, binds, before)
          }
          for (const role of ROLES) {
            await stream.end(role).signal('SIGKILL')
            await stream.end(other(role)).signal('SIGKILL')
            await stream.startEnd(role)
            await stream.startEnd(other(role))
            await isBack(stream, `both were killed, the ${role} came back first`)
            await isEncrypted(stream, ends, binds)
          }
          for (const role of ROLES) {
            await stream.end(role).signal('SIGSTOP')
            await delay(700)
            await stream.end(role).signal('SIGCONT')
            await isBack(stream, `the ${role} was frozen`)
          }
          stream.check()
        } finally {
          await stream.close()
        }
      })
    }

    test(`${pattern}: after the line was cut, again and again, and nothing can be read on it`, async () => {
      const ends = await matchingEnds({ pattern, level: 'ironhouse' })
      const tap = await Tap.open(ends.receiver.ports[0] as number)
      const stream = await Stream.start({ ...ends, sender: { ...ends.sender, ports: [tap.port] } })
      try {
        for (let cut = 1; cut <= 3; cut += 1) {
          const connected = stream.receiver.events.next(({ event }) => event === 'connected')
          tap.cut()
          await isBack(stream, 'the line was cut')
          const event = await connected
          assert.equal(event.event === 'connected' && event.publicKey, ends.keys.sender.publicKey)
          assert.equal(tap.connections, cut + 1)
        }
        for (const telling of ['terminate_flag', 'NULL', '....']) assert.equal(tap.seen.includes(telling), false)
        stream.check()
      } finally {
        await stream.close()
        await tap.close()
      }
    })
  }
})

async function isBack(stream: Stream, after: string): Promise<void> {
  const took = await stream.back()
  assert.ok(took < BACK_MS, `after ${after} it took ${took.toFixed(0)} ms`)
}

/** The binding end learns who came by the key that was proved to it; it may tell so after the first frame. */
async function isEncrypted(stream: Stream, ends: Ends, binds: Role, since = 0): Promise<void> {
  const connected = await stream.end(binds).events.first(({ event }) => event === 'connected', since)
  assert.equal(connected.event === 'connected' && connected.publicKey, ends.keys[other(binds)].publicKey)
}
