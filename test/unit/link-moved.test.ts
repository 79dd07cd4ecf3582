import assert from 'node:assert/strict'
import dns from 'node:dns/promises'
import { test } from 'node:test'
import { jpegOf, matchingEnds, openReceiver, openSender, PATTERNS } from '../links'

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
