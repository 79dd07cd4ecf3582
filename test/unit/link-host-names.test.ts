import assert from 'node:assert/strict'
import dns from 'node:dns/promises'
import { test } from 'node:test'
import { Gathered, jpegOf, matchingEnds, openReceiver, openSender, PATTERNS } from '../links'

for (const pattern of PATTERNS) {
  test(`${pattern}: a peer that comes back at another address is found by its name`, async (t) => {
    let address = '127.0.0.1'
    const lookup = async (name: string) => {
      assert.equal(name, 'yard.example')
      return [{ address, family: 4 }]
    }
    t.mock.method(dns, 'lookup', lookup as unknown as typeof dns.lookup)
    const ends = await matchingEnds({ pattern, level: 'ironhouse' })
    const sender = openSender({ ...ends.sender, address: 'yard.example' })
    const before = openReceiver({ ...ends.receiver, address })
    await sender.events.first(({ event }) => event === 'connected')
    await before.end.close()

    address = '127.0.0.2'
    const again = sender.events.next(({ event }) => event === 'connected')
    const after = openReceiver({ ...ends.receiver, address })
    await again
    const arrived = after.frames.next()
    sender.end.send({ encoding: 'jpeg', body: jpegOf('moved') })
    assert.deepEqual((await arrived).frame.body, jpegOf('moved'))
    await Promise.all([sender.end.close(), after.end.close()])
  })
}

test('a name that cannot be looked up any more is told while the peer is away, and not once it is back', async (t) => {
  const found = [{ address: '127.0.0.1', family: 4 }]
  const questions = new Gathered<(error: Error) => void>()
  const lookup = t.mock.method(dns, 'lookup', (async () => found) as unknown as typeof dns.lookup)
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
  const sender = openSender({ ...ends.sender, address: 'yard.example' })
  const before = openReceiver(ends.receiver)
  await sender.events.first(({ event }) => event === 'connected')
  const unanswered = () => new Promise((_, reject) => questions.add(reject))
  lookup.mock.mockImplementation(unanswered as unknown as typeof dns.lookup)
  await before.end.close()
  const fail = await questions.next()
  const next = questions.next()
  fail(new Error('no answer'))
  const failed = await sender.events.next(({ event }) => event === 'failed')
  assert.equal(failed.event === 'failed' && failed.code, 'NETGEAR_HOST_UNKNOWN')
  assert.equal(sender.end.state.state, 'failed')

  const failLate = await next
  const again = sender.events.next(({ event }) => event === 'connected')
  const after = openReceiver(ends.receiver)
  await again
  failLate(new Error('no answer'))
  await new Promise(setImmediate)
  assert.equal(sender.events.all.filter(({ event }) => event === 'failed').length, 1)
  assert.equal(sender.end.state.state, 'connected')
  await Promise.all([sender.end.close(), after.end.close()])
})
