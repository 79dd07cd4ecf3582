import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as zmq from 'zeromq'
import { Receiver } from '../../lib/link/receiver'
import type { Arrival } from '../../lib/link/receiving-link'
import { blockEventLoop } from '../block'
import { Gathered, jpegOf, matchingEnds, openReceiver, openSender, PATTERNS } from '../links'
import { EndProcess } from './end-process'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const MEGABYTE = 1024 ** 2

describe('a consumer that blocks the event loop for 100 ms per frame', () => {
  for (const [pattern, when] of [
    ['pubsub', 'at once'],
    ['pair', 'at once'],
    ['pubsub', 'later, as the nodes of a flow do'],
    ['reqrep', 'later, as the nodes of a flow do'],
  ] as const) {
    test(`${pattern}, ${when}: gets a new frame each time, of 30 in a second`, async () => {
      const fps = 30
      const ends = await matchingEnds({ pattern, level: 'ironhouse' })
      const ages = new Gathered<number>()
      const receiver = new Receiver({
        ...ends.receiver,
        onFrame: (frame) => {
          const { sentAt } = frame.data as { sentAt: number }
          ages.add(Date.now() - sentAt)
          if (when === 'at once') blockEventLoop(100)
          else setImmediate(() => blockEventLoop(100))
        },
      })
      const sender = await EndProcess.start({ role: 'sender', options: ends.sender, fps, frameBytes: 200_000 })
      try {
        await ages.count(30)
        const behind = ages.all.map((age) => (age * fps) / 1000)
        const late = behind.filter((frames) => frames > 3)
        // a machine that does something else for a moment shows in some frames, a queue in nearly all
        assert.ok(late.length <= 10, `${late.map((frames) => frames.toFixed(1)).join(', ')} frames behind`)
        const { dropped, lost, frames } = receiver.stats()
        assert.ok(dropped + lost + frames > ages.all.length * 2, 'the sender was held up by the consumer')
      } finally {
        await sender.signal('SIGKILL')
        await receiver.close()
      }
    })
  }
})

test('a consumer that pauses once for 200 ms misses no frame', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
  const indexes = new Gathered<number>()
  const receiver = new Receiver({
    ...ends.receiver,
    onFrame: (frame) => {
      indexes.add((frame.data as { index: number }).index)
      if (indexes.all.length === 10) setImmediate(() => blockEventLoop(200))
    },
  })
  const sender = await EndProcess.start({
    role: 'sender',
    options: ends.sender,
    fps: 30,
    frameBytes: 200_000,
    window: 8,
  })
  try {
    await indexes.count(25)
    const [first = 0] = indexes.all
    assert.deepEqual(
      indexes.all,
      indexes.all.map((_, place) => first + place),
    )
    assert.equal(receiver.stats().dropped, 0)
  } finally {
    await sender.signal('SIGKILL')
    await receiver.close()
  }
})

test('a consumer in a process whose event loop has little time beside other work still gets a new frame again and again', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
  const { end: receiver, frames } = openReceiver(ends.receiver)
  const sender = await EndProcess.start({ role: 'sender', options: ends.sender, fps: 30, frameBytes: 20_000 })
  try {
    await frames.next()
    await new Promise<void>((resolve) => {
      const work = () => {
        blockEventLoop(70)
        if (receiver.stats().frames < 90) setImmediate(work)
        else resolve()
      }
      work()
    })
    assert.ok(frames.all.length >= 15, `${frames.all.length} of 90 frames were handed on`)
  } finally {
    await sender.signal('SIGKILL')
    await receiver.close()
  }
})

describe('memory stays bounded', () => {
  for (const pattern of PATTERNS) {
    for (const [who, binds] of [
      ['while nobody is there', 'receiver'],
      ['while nobody is there and the sender binds', 'sender'],
      ['while the peer reads nothing', 'receiver'],
    ] as const) {
      test(`${pattern}: of a sender, ${who}`, async () => {
        const ends = await matchingEnds({ pattern, level: 'grassland', binds })
        const reads = who === 'while the peer reads nothing'
        const peer = reads ? idlePeer(pattern, ends.receiver.ports[0] as number) : undefined
        const sender = openSender({ ...ends.sender, window: 4, queue: 3 })
        try {
          if (reads) await sender.events.first(({ event }) => event === 'connected')
          const before = await heldBytes()
          for (let i = 0; i < 400; i += 1) {
            sender.end.send({ encoding: 'jpeg', body: jpegOf(MEGABYTE) })
            if (i % 20 === 0) await turn()
          }
          const growth = ((await heldBytes()) - before) / MEGABYTE
          assert.ok(growth < 40, `${growth.toFixed(0)} MiB are held`)
          assert.ok(sender.end.stats().dropped > 300, `${sender.end.stats().dropped} dropped`)
        } finally {
          await sender.end.close()
          peer?.close()
        }
      })
    }
  }
})

describe('what was lost is counted', () => {
  test('by the gaps in what the sender numbered, afresh after its restart', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const receiver = openReceiver(ends.receiver)
    const came = receiver.frames.all
    let sender = openSender(ends.sender)
    const send = (content: string) => sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
    try {
      for (let run = 1; run <= 3; run += 1) {
        send('before anybody was there')
        send('the newest that waits')
        const first = await receiver.frames.next()
        assert.equal(first.frame.seq, 1)
        assert.equal(first.arrival.lost, 0)
        const before = came.length
        send('leaves at once')
        send('dropped by the sender, a newer one waits')
        send('the newest')
        await receiver.frames.first(({ frame }) => frame.body.equals(jpegOf('the newest')), before)
        const since = came.slice(before)
        const lost = lostIn(since)
        assert.ok(lost > 0)
        assert.equal(since.length + lost, 3)
        await sender.end.close()
        sender = openSender(ends.sender)
      }
      assert.equal(receiver.end.stats().lost, lostIn(came))
    } finally {
      await Promise.all([sender.end.close(), receiver.end.close()])
    }
  })
})

function lostIn(received: readonly { arrival: Arrival }[]): number {
  return received.reduce((sum, { arrival }) => sum + arrival.lost, 0)
}

/** A peer that is connected and takes nothing, with as small a queue as there is. */
function idlePeer(pattern: (typeof PATTERNS)[number], port: number): zmq.Socket {
  const options = { linger: 0, receiveHighWaterMark: 1 }
  const socket = {
    pair: () => new zmq.Pair(options),
    reqrep: () => new zmq.Reply(options),
    pubsub: () => new zmq.Subscriber(options),
  }[pattern]()
  if (socket instanceof zmq.Subscriber) {
    socket.subscribe()
    // its subscription is sent only while it reads
    void socket.receive().catch(() => undefined)
  }
  socket.bindSync(`tcp://127.0.0.1:${port}`)
  return socket
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

/** Bytes that JavaScript holds outside its heap, once what is free has been collected. */
async function heldBytes(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    collectGarbage()
    await turn()
  }
  return process.memoryUsage().arrayBuffers
}
