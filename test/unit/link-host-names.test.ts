import assert from 'node:assert/strict'
import dns from 'node:dns/promises'
import { describe, mock, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { assertNothingEscapes } from '../escapes'
import { freePort } from '../free-port'
import {
  closeAll,
  failure,
  Gathered,
  isConnected,
  isListening,
  jpegOf,
  matchingEnds,
  openReceiver,
  openSender,
  PATTERNS,
} from '../links'

assertNothingEscapes()

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

describe('a host that is not known', () => {
  test('is told, while other links go on; once it is known it is used', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const lookup = mockLookup()
    const receiver = openReceiver(ends.receiver)
    const lost = openSender({ ...ends.sender, address: 'camera.invalid' })
    const sender = openSender(ends.sender)
    try {
      const failed = await failure(lost.events)
      assert.equal(failed.code, 'NETGEAR_HOST_UNKNOWN')
      assert.match(failed.reason, /"camera\.invalid" cannot be found/)
      await sender.events.first(isConnected)
      const arrived = receiver.frames.next()
      sender.end.send({ encoding: 'jpeg', body: jpegOf('meanwhile') })
      assert.deepEqual((await arrived).frame.body, jpegOf('meanwhile'))
      lookup.resolvesTo('127.0.0.1')
      await lost.events.first(isConnected)
    } finally {
      lookup.restore()
      await closeAll(receiver, sender, lost)
    }
  })

  test('is no longer complained of once it is known, even if nobody listens there', async () => {
    const changes = new Gathered<string>()
    const lookup = mockLookup()
    const port = await freePort()
    const sender = openSender({
      ...{ pattern: 'pair', mode: 'connect', protocol: 'tcp', address: 'camera.invalid', ports: [port] },
      security: { level: 'grassland' },
      onChange: () => changes.add(sender?.end.state.state ?? ''),
    })
    try {
      await failure(sender.events)
      lookup.resolvesTo('127.0.0.1')
      await changes.next((state) => state === 'waiting')
    } finally {
      lookup.restore()
      await sender.end.close()
    }
  })

  test('a peer that came back under the same name at another address is found there', async () => {
    const lookup = mockLookup('127.0.0.1')
    const ends = await matchingEnds({ pattern: 'reqrep', level: 'ironhouse' })
    const before = openReceiver(ends.receiver)
    const sender = openSender({ ...ends.sender, address: 'camera.invalid' })
    await sender.events.first(isConnected)
    await before.end.close()
    const back = openReceiver({ ...ends.receiver, address: '127.0.0.2' })
    try {
      await back.events.first(isListening)
      const returned = performance.now()
      lookup.resolvesTo('127.0.0.2')
      await back.events.first(isConnected)
      assert.ok(performance.now() - returned < 2500, `back after ${performance.now() - returned} ms`)
    } finally {
      lookup.restore()
      await closeAll(back, sender)
    }
  })

  test('a name server that does not answer is asked one question at a time', async () => {
    const lookup = mockLookup('127.0.0.1')
    const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
    const receiver = openReceiver(ends.receiver)
    const sender = openSender({ ...ends.sender, address: 'camera.invalid' })
    await sender.events.first(isConnected)
    const asked = lookup.questions()
    lookup.answersNothing()
    await receiver.end.close()
    // libzmq tries again after 0.1, 0.2, 0.4 and 0.8 s; that nothing is asked then has no event
    await delay(1000)
    assert.equal(lookup.questions() - asked, 1)
    lookup.restore()
    await sender.end.close()
  })
})

/** From now on every host name leads to that address. */
function mockLookup(address?: string) {
  const { mock: lookup } = mock.method(dns, 'lookup')
  const resolvesTo = (found: string) =>
    lookup.mockImplementation((() => Promise.resolve([{ address: found, family: 4 }])) as unknown as typeof dns.lookup)
  if (address) resolvesTo(address)
  const answersNothing = () =>
    lookup.mockImplementation((() => new Promise(() => undefined)) as unknown as typeof dns.lookup)
  return { resolvesTo, answersNothing, questions: () => lookup.callCount(), restore: () => lookup.restore() }
}
