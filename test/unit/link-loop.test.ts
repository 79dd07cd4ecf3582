import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as zmq from 'zeromq'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { encodeFrame } from '../../lib/wire/message'
import { isConnected, jpegOf, matchingEnds, openReceiver, openSender, PATTERNS, SECURITIES, secured } from '../links'

for (const pattern of PATTERNS) {
  for (const level of SECURITIES) {
    for (const binds of ['receiver', 'sender'] as const) {
      test(`${pattern} ${level}, the ${binds} binds: frames and data cross unchanged and in order`, async () => {
        const ends = await matchingEnds({ pattern, level, binds })
        const receiver = openReceiver(ends.receiver)
        const sender = openSender({ ...ends.sender, name: 'yard' })
        try {
          await Promise.all([receiver.events.first(isConnected), sender.events.first(isConnected)])
          const pixels = Buffer.from([1, 2, 3, 4, 5, 6])
          for (let i = 0; i < 5; i += 1) {
            const arrived = receiver.frames.next()
            sender.end.send({ encoding: 'jpeg', body: jpegOf(`frame ${i}`) }, { i })
            const { frame, arrival } = await arrived
            assert.deepEqual(frame.body, jpegOf(`frame ${i}`))
            assert.deepEqual(frame.data, { i })
            assert.equal(frame.from, 'yard')
            assert.equal(frame.seq, i)
            assert.equal(arrival.lost, 0)
            assert.equal(arrival.port, ends.receiver.ports[0])
          }
          const arrived = receiver.frames.next()
          sender.end.send({ encoding: 'raw', body: pixels, dtype: 'uint8', shape: [1, 2, 3] })
          const { frame } = await arrived
          assert.equal(frame.encoding, 'raw')
          assert.deepEqual(frame.body, pixels)
          assert.equal(frame.data, undefined)
          assert.equal(receiver.end.stats().frames, 6)
          assert.equal(sender.end.stats().frames, 6)
        } finally {
          await Promise.all([receiver.end.close(), sender.end.close()])
        }
      })
    }
  }
}

test('ipc carries frames, encrypted, and its path is free after closing', async () => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse', protocol: 'ipc' })
  for (let round = 0; round < 3; round += 1) {
    const receiver = openReceiver(ends.receiver)
    const sender = openSender(ends.sender)
    const arrived = receiver.frames.next()
    sender.end.send({ encoding: 'jpeg', body: jpegOf('through a file') })
    assert.deepEqual((await arrived).frame.body, jpegOf('through a file'))
    await Promise.all([sender.end.close(), receiver.end.close()])
  }
})

test('a latency is told where both clocks agree to a minute, and none where they cannot', async () => {
  const ends = await matchingEnds({ pattern: 'reqrep', level: 'grassland' })
  const receiver = openReceiver(ends.receiver)
  const peer = new zmq.Request({ linger: 0 })
  peer.connect(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
  const latencyAt = async (timestamp: number) => {
    const arrived = receiver.frames.next()
    await peer.send(encodeFrame({ encoding: 'jpeg', body: jpegOf('stamped'), pattern: '1', timestamp }))
    await peer.receive()
    return (await arrived).arrival.latency
  }
  try {
    const hour = 3_600_000
    assert.equal(await latencyAt(Date.now() - hour), undefined)
    assert.equal(await latencyAt(Date.now() + hour), undefined)
    assert.equal(receiver.end.stats().latency, undefined)
    const late = (await latencyAt(Date.now() - 5000)) ?? Number.NaN
    assert.ok(late > 4990 && late < 10_000, `${late} ms`)
    const early = (await latencyAt(Date.now() + 5000)) ?? Number.NaN
    assert.ok(early > -5010 && early < 0, `${early} ms`)
  } finally {
    peer.close()
    await receiver.end.close()
  }
})

describe('several ports', () => {
  test('a receiver tells its senders apart by port, and one of them by key', async () => {
    const one = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const two = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const ports = [...one.receiver.ports, ...two.receiver.ports]
    const receiver = openReceiver({ ...one.receiver, ports })
    const first = openSender(one.sender)
    const second = openSender({ ...one.sender, ports: two.sender.ports })
    try {
      await Promise.all([first.events.first(isConnected), second.events.first(isConnected)])
      first.end.send({ encoding: 'jpeg', body: jpegOf('one') })
      second.end.send({ encoding: 'jpeg', body: jpegOf('two') })
      await receiver.frames.count(2)
      const byPort = new Map(
        receiver.frames.all.map(({ frame, arrival }) => [arrival.port, frame.body.toString('latin1')]),
      )
      assert.match(byPort.get(ports[0] as number) ?? '', /one/)
      assert.match(byPort.get(ports[1] as number) ?? '', /two/)
      assert.ok(receiver.frames.all.every(({ arrival }) => arrival.peer?.name === 'sender'))
    } finally {
      await Promise.all([receiver.end.close(), first.end.close(), second.end.close()])
    }
  })

  test('where two keys have come in, no message is said to be from one of them', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'stonehouse' })
    const receiver = openReceiver(ends.receiver)
    const first = openSender({ ...ends.sender, name: 'first' })
    await receiver.events.first(isConnected)
    const arrived = receiver.frames.next()
    first.end.send({ encoding: 'jpeg', body: jpegOf('alone') })
    assert.equal((await arrived).arrival.peer?.publicKey, ends.keys.sender.publicKey)
    const second = openSender({
      ...ends.sender,
      security: secured('stonehouse', generateKeyPair(), { receiver: ends.keys.receiver.publicKey }),
    })
    await receiver.events.next(isConnected)
    const next = receiver.frames.next()
    first.end.send({ encoding: 'jpeg', body: jpegOf('not alone') })
    assert.equal((await next).arrival.peer, undefined)
    await Promise.all([receiver.end.close(), first.end.close(), second.end.close()])
  })

  for (const pattern of PATTERNS) {
    test(`${pattern}: a sender reaches every receiver with every frame, while one of them is not there`, async () => {
      const ends = await Promise.all([1, 2, 3].map(() => matchingEnds({ pattern, level: 'grassland' })))
      const ports = ends.flatMap(({ sender }) => sender.ports)
      const there = ends.slice(0, 2).map(({ receiver }) => openReceiver(receiver))
      const sender = openSender({ ...(ends[0] as (typeof ends)[0]).sender, ports, queue: 10 })
      try {
        await Promise.all(there.map(({ events }) => events.first(isConnected)))
        for (let i = 0; i < 5; i += 1) {
          const arrived = Promise.all(there.map(({ frames }) => frames.next()))
          sender.end.send({ encoding: 'jpeg', body: jpegOf(`${i}`) })
          for (const { frame } of await arrived) assert.deepEqual(frame.body, jpegOf(`${i}`))
        }
      } finally {
        await Promise.all([...there.map(({ end }) => end.close()), sender.end.close()])
      }
    })
  }
})

test('the end of a stream is told, after the last frame, and the receiver goes on', async () => {
  for (const pattern of PATTERNS) {
    const ends = await matchingEnds({ pattern, level: 'stonehouse' })
    const receiver = openReceiver(ends.receiver)
    const sender = openSender({ ...ends.sender, name: 'yard' })
    await sender.events.first(isConnected)
    await receiver.events.first(isConnected)
    sender.end.send({ encoding: 'jpeg', body: jpegOf('last') })
    await sender.end.close({ endOfStream: true })
    const ended = await receiver.events.first(({ event }) => event === 'ended')
    assert.equal(ended.event === 'ended' && ended.from, 'yard')
    assert.equal(receiver.frames.all.length, 1)
    const next = openSender(ends.sender)
    const arrived = receiver.frames.next()
    await next.events.first(isConnected)
    next.end.send({ encoding: 'jpeg', body: jpegOf('more') })
    assert.deepEqual((await arrived).frame.body, jpegOf('more'))
    await Promise.all([receiver.end.close(), next.end.close()])
  }
})

test('data that is returned with the answers reaches the sender', async () => {
  for (const pattern of ['pair', 'reqrep'] as const) {
    const ends = await matchingEnds({ pattern, level: 'ironhouse' })
    const receiver = openReceiver(ends.receiver)
    const answers: unknown[] = []
    let told: (() => void) | undefined
    const sender = openSender({
      ...ends.sender,
      onAnswer: (answer) => {
        answers.push(answer.kind === 'data' ? answer.data : answer.kind === 'picture' ? answer.frame.body : null)
        told?.()
      },
    })
    const answered = () => new Promise<void>((resolve) => (told = resolve))
    for (const returned of [
      { data: { pan: 3 } },
      { data: 0 },
      { picture: { encoding: 'jpeg', body: jpegOf('back') } } as const,
    ]) {
      receiver.end.answerWith(returned)
      const next = answered()
      sender.end.send({ encoding: 'jpeg', body: jpegOf('there') })
      await next
    }
    assert.deepEqual(answers, [{ pan: 3 }, 0, jpegOf('back')])
    await Promise.all([receiver.end.close(), sender.end.close()])
  }
})
