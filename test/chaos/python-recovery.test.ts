import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { jpegOf, matchingEnds, openReceiver, openSender, PATTERNS } from '../links'
import type { PeerConfig } from '../peer/protocol'
import { PythonPeer } from '../peer/python'
import { needs } from '../requirements'

const BACK_MS = 2000
const NUMBER = { pair: 0, reqrep: 1, pubsub: 2 } as const
const PICTURE = { seed: 1, shape: [32, 48, 3] }

describe('a Python peer in IronHouse that died or froze is served again within 2 s', {
  ...needs('python3-zmq'),
  concurrency: 2,
}, () => {
  for (const pattern of PATTERNS) {
    test(`${pattern}: a sender`, async (t) => {
      const ends = await matchingEnds({ pattern, level: 'ironhouse' })
      const receiver = openReceiver(ends.receiver)
      t.after(() => receiver.end.close())
      const start = async () => {
        const peer = await PythonPeer.start(
          {
            ...{ role: 'sender', pattern: NUMBER[pattern], secure: 2, address: '127.0.0.1' },
            ...{ port: ends.sender.ports[0] as number, ...ends.keys.sender, serverKey: ends.keys.receiver.publicKey },
          } satisfies PeerConfig,
          t,
        )
        void peer.command('burst', { picture: PICTURE, count: 10_000, fps: 30 }).catch(() => undefined)
        return peer
      }
      let peer = await start()
      await receiver.frames.next()
      for (let round = 0; round < 2; round += 1) {
        peer.kill('SIGKILL')
        await receiver.events.next(({ event }) => event === 'disconnected')
        peer = await start()
        await isBack(receiver.frames.next(), 'killed')
        peer.kill('SIGSTOP')
        await delay(1500)
        const back = receiver.frames.next()
        peer.kill('SIGCONT')
        await isBack(back, 'frozen')
      }
      assert.ok(receiver.events.all.every((event) => event.event !== 'connected' || event.name === 'sender'))
      assert.equal(receiver.end.stats().invalid, 0)
    })

    test(`${pattern}: a receiver`, async (t) => {
      const ends = await matchingEnds({ pattern, level: 'ironhouse' })
      const sender = openSender(ends.sender)
      const camera = setInterval(() => sender.end.send({ encoding: 'jpeg', body: jpegOf('frame') }), 33)
      t.after(async () => {
        clearInterval(camera)
        await sender.end.close()
      })
      const start = () =>
        PythonPeer.start(
          {
            ...{ role: 'receiver', pattern: NUMBER[pattern], secure: 2, address: '127.0.0.1' },
            ...{ port: ends.receiver.ports[0] as number, ...ends.keys.receiver },
            allowedKeys: [ends.keys.sender.publicKey],
          } satisfies PeerConfig,
          t,
        )
      let peer = await start()
      await peer.next('message')
      for (let round = 0; round < 2; round += 1) {
        peer.kill('SIGKILL')
        await sender.events.next(({ event }) => event === 'disconnected')
        peer = await start()
        await isBack(peer.next('message'), 'killed')
        peer.kill('SIGSTOP')
        await delay(1500)
        const frozenFrom = Date.now()
        peer.kill('SIGCONT')
        await isBack(
          peer.next('message', ({ time }) => time >= frozenFrom),
          'frozen',
        )
      }
      assert.ok((await peer.next('zap')).accepted)
      assert.ok(sender.events.all.every(({ event }) => event !== 'refused'))
    })
  }
})

async function isBack(next: Promise<unknown>, fault: string): Promise<void> {
  const start = performance.now()
  await next
  const took = performance.now() - start
  assert.ok(took < BACK_MS, `back ${took.toFixed(0)} ms after it was ${fault}`)
}
