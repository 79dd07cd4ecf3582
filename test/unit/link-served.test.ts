import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as zmq from 'zeromq'
import { DEFAULT_LINK_LIMITS } from '../../lib/link/limits'
import { Link } from '../../lib/link/link'
import type { LinkEvent } from '../../lib/link/link-events'
import type { Answer } from '../../lib/wire/answer'
import { freePort } from '../free-port'
import { Gathered, jpegOf, matchingEnds, openReceiver, openSender } from '../links'

describe('what goes back with the answers was changed after it was set', () => {
  for (const [how, change] of [
    ['zeroed', (picture: Buffer) => picture.fill(0)],
    ['handed to a worker', ({ buffer }: Buffer) => structuredClone(buffer, { transfer: [buffer as ArrayBuffer] })],
  ] as const) {
    test(`${how}: it is told, left out, and the stream goes on`, async () => {
      const ends = await matchingEnds({ pattern: 'reqrep', level: 'ironhouse' })
      const answers = new Gathered<Answer>()
      const receiver = openReceiver(ends.receiver)
      const sender = openSender({ ...ends.sender, onAnswer: (answer) => answers.add(answer) })
      const picture = Buffer.from(new Uint8Array(jpegOf('returned')).buffer)
      receiver.end.answerWith({ picture: { encoding: 'jpeg', body: picture } })
      change(picture)
      try {
        for (const content of ['one', 'two']) {
          const answered = answers.next()
          sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
          assert.deepEqual(await answered, { kind: 'data', data: null, port: String(ends.receiver.ports[0]) })
        }
        assert.equal(receiver.frames.all.length, 2)
        const told = await receiver.events.first(({ event }) => event === 'invalid')
        assert.match(told.event === 'invalid' ? told.reason : '', /go back with the answers .* left out.*a copy/)
        assert.equal(receiver.end.stats().invalid, 2)
      } finally {
        await Promise.all([sender.end.close(), receiver.end.close()])
      }
    })
  }
})

for (const [how, fails] of [
  ['fails', () => Promise.reject(new Error('out of order'))],
  ['ends', () => Promise.resolve()],
] as const) {
  test(`a link whose serving ${how} opens a new socket`, async () => {
    const events = new Gathered<LinkEvent>()
    const served = new Gathered<zmq.Socket>()
    const link = new Link<zmq.Socket>({
      endpoint: { protocol: 'tcp', address: '127.0.0.1', port: await freePort() },
      ...{ mode: 'bind', pattern: 'pair', exclusive: true, limits: DEFAULT_LINK_LIMITS },
      security: { level: 'grassland' },
      create: (options) => new zmq.Pair(options),
      serve: (socket) => {
        served.add(socket)
        return served.all.length === 1 ? fails() : new Promise(() => undefined)
      },
      onEvent: (event) => events.add(event),
    })
    try {
      await served.count(2)
      assert.ok(served.all[0]?.closed)
      assert.equal(served.all[1]?.closed, false)
      const told = events.all.filter(({ event }) => event === 'failed')
      assert.deepEqual(
        told.map((event) => event.event === 'failed' && event.code),
        how === 'fails' ? ['NETGEAR_LINK'] : [],
      )
      assert.deepEqual(link.state, { state: 'waiting' })
    } finally {
      await link.close()
    }
  })
}

test('a message of more parts than can be taken at once is told, and its sender has to come in anew', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland' })
  const receiver = openReceiver(ends.receiver)
  const sender = openSender(ends.sender)
  const peer = new zmq.XPublisher({ linger: 0 })
  peer.connect(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
  try {
    await sender.events.first(({ event }) => event === 'connected')
    await peer.receive()
    const back = sender.events.next(({ event }) => event === 'connected')
    await peer.send(Array(2000).fill(''))
    const told = await receiver.events.first(({ event }) => event === 'invalid')
    assert.equal(told.event === 'invalid' && told.code, 'NETGEAR_PARTS')
    assert.match(told.event === 'invalid' ? told.reason : '', /2000 parts .* cut off/)
    await back
    const arrived = receiver.frames.next()
    sender.end.send({ encoding: 'jpeg', body: jpegOf('undisturbed') })
    assert.deepEqual((await arrived).frame.body, jpegOf('undisturbed'))
  } finally {
    peer.close()
    await Promise.all([sender.end.close(), receiver.end.close()])
  }
})
