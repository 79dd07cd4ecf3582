import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as zmq from 'zeromq'
import { jpegOf, matchingEnds, openReceiver, openSender } from '../links'

/** Lets so many milliseconds pass at once for all that looks at the clock. */
function skipTime(t: TestContext, ms: number): void {
  const now = performance.now.bind(performance)
  t.mock.method(performance, 'now', () => now() + ms)
}

describe('a frame that the flow changes after it has handed it over', () => {
  for (const pattern of ['pubsub', 'pair', 'reqrep'] as const) {
    test(`${pattern}: is told and left out where it still waits, and the next ones go on`, async () => {
      const ends = await matchingEnds({ pattern, level: 'grassland' })
      const sender = openSender({ ...ends.sender, queue: 3 })
      const zeroed = jpegOf('zeroed')
      sender.end.send({ encoding: 'jpeg', body: zeroed })
      for (const content of ['one', 'two']) sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
      zeroed.fill(0)
      const receiver = openReceiver(ends.receiver)
      try {
        const told = await sender.events.first(({ event }) => event === 'invalid')
        assert.equal(told.event === 'invalid' && told.code, 'NETGEAR_NOT_JPEG')
        assert.match(
          told.event === 'invalid' ? told.reason : '',
          /cannot be sent, because something in the flow changed it .* a copy/,
        )
        await receiver.frames.count(2)
        assert.deepEqual(
          receiver.frames.all.map(({ frame }) => frame.body),
          [jpegOf('one'), jpegOf('two')],
        )
        assert.equal(sender.end.stats().invalid, 1)
      } finally {
        await Promise.all([sender.end.close(), receiver.end.close()])
      }
    })
  }

  test('is not repeated to keep the link alive, and the next ones go on', async (t) => {
    const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
    const sender = openSender(ends.sender)
    const receiver = openReceiver(ends.receiver)
    try {
      const body = jpegOf('zeroed')
      sender.end.send({ encoding: 'jpeg', body })
      await receiver.frames.count(1)
      body.fill(0)
      skipTime(t, 3100)
      const told = await sender.events.first(({ event }) => event === 'invalid')
      assert.equal(told.event === 'invalid' && told.code, 'NETGEAR_NOT_JPEG')
      const arrived = receiver.frames.next()
      sender.end.send({ encoding: 'jpeg', body: jpegOf('next') })
      assert.deepEqual((await arrived).frame.body, jpegOf('next'))
      assert.equal(sender.end.stats().invalid, 1)
    } finally {
      await Promise.all([sender.end.close(), receiver.end.close()])
    }
  })
})

test('the memory of a frame cannot be given to a worker while libzmq reads it, which would end the process', async () => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
  const sender = openSender(ends.sender)
  const jpeg = jpegOf('lent to libzmq')
  const body = Buffer.from(Uint8Array.from(jpeg).buffer)
  try {
    sender.end.send({ encoding: 'jpeg', body })
    try {
      structuredClone(body.buffer, { transfer: [body.buffer as ArrayBuffer] })
    } catch (error) {
      // Node.js 20 copies it instead.
      assert.match(String(error), /DataCloneError/)
    }
    assert.deepEqual(body, jpeg)
  } finally {
    await sender.end.close()
  }
})

test('after the end of its stream no frame is repeated', async (t) => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
  const peer = new zmq.Pair({ linger: 0 })
  await peer.bind(`tcp://127.0.0.1:${ends.sender.ports[0]}`)
  const sender = openSender(ends.sender)
  try {
    for (const content of ['one', 'two']) sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
    sender.end.end()
    const first = await peer.receive()
    assert.deepEqual(first[1], jpegOf('two'))
    await peer.send('{}')
    const [end] = await peer.receive()
    assert.equal(JSON.parse(String(end)).terminate_flag, true)
    skipTime(t, 4000)
    peer.receiveTimeout = 1200
    await assert.rejects(peer.receive(), { code: 'EAGAIN' })
  } finally {
    await sender.end.close()
    peer.close()
  }
})

test('a received frame that is sent on says who sends it now, not who did before', async () => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
  const receiver = openReceiver(ends.receiver)
  const sender = openSender({ ...ends.sender, name: 'relay' })
  const body = jpegOf('sent on')
  const before = { port: '1', pattern: '2', from: 'camera', stream: '00000000', seq: 77, timestamp: 5, data: 'old' }
  try {
    sender.end.send(Object.assign({ encoding: 'jpeg' as const, body }, before, { repeat: true, dialect: 'imagezmq' }))
    const { frame } = await receiver.frames.first(() => true)
    assert.deepEqual([frame.from, frame.seq, frame.data, frame.dialect], ['relay', 0, undefined, 'netgear'])
    assert.equal(frame.port, String(ends.sender.ports[0]))
    assert.notEqual(frame.stream, before.stream)
  } finally {
    await Promise.all([sender.end.close(), receiver.end.close()])
  }
})

test('a frame leaves before the flow goes on, which may keep the event loop busy', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland', binds: 'sender' })
  // A PUB hears up to a millisecond late that its queue has room again, and drops what does not fit.
  const sender = openSender({ ...ends.sender, queue: 10 })
  const subscriber = new zmq.Subscriber({ linger: 0 })
  try {
    subscriber.connect(`tcp://127.0.0.1:${ends.sender.ports[0]}`)
    subscriber.subscribe()
    const send = (content: string) => sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
    const offering = setInterval(() => send('first'), 20)
    await subscriber.receive()
    clearInterval(offering)
    send('last of them')
    while (!(await subscriber.receive())[1]?.equals(jpegOf('last of them')));
    // Until the sender has noticed that the last one has left.
    await nextTurn()
    send('next')
    const until = performance.now() + 5000
    while (!subscriber.readable && performance.now() < until);
    assert.ok(subscriber.readable)
  } finally {
    subscriber.close()
    await sender.end.close()
  }
})

for (const operation of ['send', 'receive'] as const) {
  test(`a socket that fails to ${operation} is told, and a new one takes its place`, async (t) => {
    const ends = await matchingEnds({ pattern: 'reqrep', level: 'grassland' })
    const receiver = openReceiver(ends.receiver)
    t.mock.method(zmq.Dealer.prototype, operation, () => Promise.reject(new Error('broken')), { times: 1 })
    const sender = openSender(ends.sender)
    try {
      sender.end.send({ encoding: 'jpeg', body: jpegOf('lost') })
      const told = await sender.events.first(({ event }) => event === 'failed')
      assert.equal(told.event === 'failed' && told.code, 'NETGEAR_LINK')
      await sender.events.first(({ event }) => event === 'connected', sender.events.all.length)
      const arrived = receiver.frames.first(({ frame }) => frame.body.equals(jpegOf('goes on')))
      sender.end.send({ encoding: 'jpeg', body: jpegOf('goes on') })
      await arrived
    } finally {
      await Promise.all([sender.end.close(), receiver.end.close()])
    }
  })
}
