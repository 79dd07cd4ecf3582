import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as zmq from 'zeromq'
import { freePort } from '../free-port'
import { jpegOf, matchingEnds, openReceiver, openSender } from '../links'

describe('imagezmq', () => {
  test('its senders are recognised and answered as its hub does', async () => {
    const ends = await matchingEnds({ pattern: 'reqrep', level: 'grassland' })
    const receiver = openReceiver(ends.receiver)
    const camera = new zmq.Request({ linger: 0 })
    camera.connect(`tcp://127.0.0.1:${ends.receiver.ports[0]}`)
    try {
      const jpeg = receiver.frames.next()
      await camera.send(['{"msg": "porch"}', jpegOf('picture')])
      const { frame } = await jpeg
      assert.deepEqual(frame.body, jpegOf('picture'))
      assert.equal(frame.data, 'porch')
      assert.deepEqual((await camera.receive()).map(String), ['OK'])
      const raw = receiver.frames.next()
      await camera.send(['{"msg": "porch", "dtype": "uint8", "shape": [1, 2, 3]}', Buffer.alloc(6, 9)])
      const pixels = (await raw).frame
      assert.equal(pixels.encoding === 'raw' && pixels.width, 2)
      assert.deepEqual((await camera.receive()).map(String), ['OK'])
    } finally {
      camera.close()
      await receiver.end.close()
    }
  })

  for (const level of ['grassland', 'ironhouse'] as const) {
    test(`its hub gets what it expects, one frame after the other, ${level}`, async () => {
      const ends = await matchingEnds({ pattern: 'reqrep', level, port: await freePort() })
      const { receiver } = ends.keys
      const hub = new zmq.Reply({
        linger: 0,
        ...(level === 'ironhouse' && { curveServer: true, curveSecretKey: receiver.secretKey }),
      })
      hub.bindSync(`tcp://127.0.0.1:${ends.sender.ports[0]}`)
      const sender = openSender({ ...ends.sender, name: 'porch', dialect: 'imagezmq' })
      try {
        await sender.events.first(({ event }) => event === 'connected')
        for (const content of ['one', 'two', 'three']) {
          sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
          const parts = await hub.receive()
          assert.equal(String(parts[0]), '{"msg": "porch"}')
          assert.deepEqual(parts[1], jpegOf(content))
          assert.equal(parts.length, 2)
          await hub.send('OK')
        }
        sender.end.send({ encoding: 'raw', body: Buffer.alloc(6), dtype: 'uint8', shape: [1, 2, 3] }, 'with words')
        const [header] = await hub.receive()
        assert.deepEqual(JSON.parse(String(header)), { msg: 'with words', dtype: 'uint8', shape: [1, 2, 3] })
      } finally {
        hub.close()
        await sender.end.close()
      }
    })
  }
})
