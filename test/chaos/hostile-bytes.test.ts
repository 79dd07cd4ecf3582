import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { assertNothingEscapes } from '../escapes'
import { type Ends, jpegOf, matchingEnds, openReceiver, openSender, PATTERNS } from '../links'

assertNothingEscapes()

/** A ZMTP 3.0 greeting (rfc.zeromq.org/spec/23): signature, version, mechanism, as-server, filler. */
function greeting(mechanism: 'NULL' | 'CURVE'): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x7f, 3, 0])
  bytes.write(mechanism, 12, 'latin1')
  return bytes
}

/** A long frame that announces that many bytes; flags 2: a message, 6: a command. */
function announcing(flags: 2 | 6, bytes: bigint): Buffer {
  const head = Buffer.alloc(9, flags)
  head.writeBigUInt64BE(bytes, 1)
  return head
}

function nullCommand(name: string, properties: Record<string, string>): Buffer {
  const pairs = Object.entries(properties).map(([key, value]) => {
    const head = Buffer.from([key.length, ...Buffer.from(key), 0, 0, 0, value.length])
    return Buffer.concat([head, Buffer.from(value)])
  })
  const body = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), ...pairs])
  return Buffer.concat([Buffer.from([4, body.length]), body])
}

const noise = (seed: string) =>
  Buffer.concat(Array.from({ length: 2048 }, (_, index) => createHash('sha256').update(`${seed} ${index}`).digest()))

/** What a stranger's program may write on the port; the line is then held open. */
const BYTES: Record<string, Buffer> = {
  nothing: Buffer.alloc(0),
  'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: camera\r\n\r\n'),
  'a TLS hello': Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), noise('tls').subarray(0, 600)]),
  noise: noise('bytes'),
  'half a greeting': greeting('CURVE').subarray(0, 30),
  'a greeting alone': greeting('CURVE'),
  'a plain greeting': greeting('NULL'),
  'noise after a greeting': Buffer.concat([greeting('CURVE'), noise('handshake')]),
  'a command of 2^60 bytes': Buffer.concat([greeting('CURVE'), announcing(6, 2n ** 60n)]),
  'a message of 2^60 bytes before the handshake': Buffer.concat([greeting('CURVE'), announcing(2, 2n ** 60n)]),
  'a message of 2^64 - 1 bytes': Buffer.concat([greeting('NULL'), announcing(2, 2n ** 64n - 1n)]),
}

for (const pattern of PATTERNS) {
  for (const level of ['grassland', 'ironhouse'] as const) {
    test(`${pattern} ${level}: strange bytes on the port neither stop the stream nor get in`, async () => {
      const ends = await matchingEnds({ pattern, level })
      const receiver = openReceiver(ends.receiver)
      const sender = openSender(ends.sender)
      const lines: Socket[] = []
      try {
        await Promise.all([receiver.events.first(isConnected), sender.events.first(isConnected)])
        const heap = process.memoryUsage().rss
        for (const [what, bytes] of Object.entries(BYTES)) {
          for (const ending of ['held', 'closed'] as const) {
            lines.push(await write(ends, bytes, ending))
            const arrived = receiver.frames.next()
            sender.end.send({ encoding: 'jpeg', body: jpegOf(`${what} ${ending}`) })
            assert.deepEqual((await arrived).frame.body, jpegOf(`${what} ${ending}`))
          }
        }
        assert.equal(receiver.end.stats().peers, 1)
        assert.equal(receiver.events.all.filter(isConnected).length, 1)
        assert.ok(process.memoryUsage().rss - heap < 200 * 1024 ** 2)
      } finally {
        for (const line of lines) line.destroy()
        await Promise.all([receiver.end.close(), sender.end.close()])
      }
    })
  }
}

describe('a peer that announces more than a frame may have, after its handshake', () => {
  for (const size of [2n ** 60n, 2n ** 63n, 200n * 1024n ** 2n]) {
    test(`${size} bytes: it is cut off, the others stay`, async () => {
      const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland' })
      const receiver = openReceiver(ends.receiver)
      const sender = openSender(ends.sender)
      const line = connect(ends.receiver.ports[0] as number, '127.0.0.1')
      try {
        await sender.events.first(isConnected)
        await receiver.events.first(isConnected)
        line.write(Buffer.concat([greeting('NULL'), nullCommand('READY', { 'Socket-Type': 'PUB' })]))
        while (receiver.end.stats().peers < 2) await receiver.events.next()
        line.resume()
        line.write(announcing(2, size))
        await once(line, 'close')
        const arrived = receiver.frames.next()
        sender.end.send({ encoding: 'jpeg', body: jpegOf('unmoved') })
        assert.deepEqual((await arrived).frame.body, jpegOf('unmoved'))
      } finally {
        line.destroy()
        await Promise.all([receiver.end.close(), sender.end.close()])
      }
    })
  }
})

test('a listener that hangs up, or speaks another protocol, does not keep a connecting link from a good one later', async () => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse' })
  const sender = openSender(ends.sender)
  try {
    for (const what of [
      'nothing',
      'an HTTP request',
      'half a greeting',
      'a plain greeting',
      'noise after a greeting',
    ]) {
      const server = createServer((line) =>
        line
          .on('error', () => undefined)
          .resume()
          .end(BYTES[what] ?? ''),
      )
      server.listen(ends.receiver.ports[0], '127.0.0.1')
      await once(server, 'connection')
      await new Promise((resolve) => server.close(resolve))
    }
    const receiver = openReceiver(ends.receiver)
    await receiver.events.first(({ event }) => event === 'listening')
    const returned = performance.now()
    await receiver.events.first(isConnected)
    const took = performance.now() - returned
    assert.ok(took < 2500, `back after ${took} ms`)
    await receiver.end.close()
  } finally {
    await sender.end.close()
  }
})

/** Writes those bytes on the receiver's port; resolves when they are under way. */
async function write(ends: Ends, bytes: Buffer, ending: 'held' | 'closed'): Promise<Socket> {
  const line = connect(ends.receiver.ports[0] as number, '127.0.0.1')
  line.on('error', () => undefined)
  await once(line, 'connect')
  if (ending === 'closed') line.end(bytes)
  else await new Promise((resolve) => line.write(bytes, resolve))
  return line
}

function isConnected({ event }: { event: string }): boolean {
  return event === 'connected'
}
