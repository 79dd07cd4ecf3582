import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { type Ends, jpegOf, matchingEnds, openReceiver, type ReceivingEnd, secured } from '../links'
import { EndProcess } from './end-process'
import { Flooder, type FloodSettings, LEAST_SHARE, WATCH_MS } from './flood'

const CONNECTIONS = 1000
const FPS = 30
const FRAME_BYTES = 50_000
const MOST_GROWTH = 250 * 1024 ** 2

const mad = generateKeyPair()
let port: number
let flooded: Watched
let other: Watched
let flooder: Flooder
let usual: Awaited<ReturnType<typeof rates>>

/** A stream whose frames are counted and compared. */
interface Watched {
  ends: Ends
  receiver: ReceivingEnd
  sender: EndProcess
}

async function watch(): Promise<Watched> {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
  const security = secured('ironhouse', ends.keys.receiver, { camera: ends.keys.sender.publicKey, mad: mad.publicKey })
  const receiver = openReceiver({ ...ends.receiver, security })
  const sender = await EndProcess.start({ role: 'sender', options: ends.sender, fps: FPS, frameBytes: FRAME_BYTES })
  await receiver.frames.first(() => true)
  return { ends, receiver, sender }
}

/** Takes the frames that came since, and gives how many were the sender's, unchanged. */
function takeWhole({ receiver }: Watched): number {
  const frames = receiver.frames.all.splice(0)
  const whole = frames.filter(({ frame }) => {
    const { index } = (frame.data ?? {}) as { index?: number }
    return index !== undefined && frame.body.equals(jpegOf(`${index};`.padEnd(FRAME_BYTES, '.')))
  })
  return whole.length
}

async function rates(): Promise<{ flooded: number; other: number; residentBytes: number }> {
  const start = performance.now()
  takeWhole(flooded)
  takeWhole(other)
  const whole = { flooded: 0, other: 0 }
  let residentBytes = 0
  while (performance.now() - start < WATCH_MS) {
    await delay(50)
    residentBytes = Math.max(residentBytes, process.memoryUsage().rss)
    whole.flooded += takeWhole(flooded)
    whole.other += takeWhole(other)
  }
  const seconds = (performance.now() - start) / 1000
  return { flooded: whole.flooded / seconds, other: whole.other / seconds, residentBytes }
}

/** A header as NetGear has it, STREAM standing for the sender's mark. */
function header(more: object): string {
  const jpeg = {
    terminate_flag: false,
    compression: { colorspace: 'BGR' },
    message: null,
    pattern: '2',
    dtype: '',
    shape: '',
  }
  return JSON.stringify({ ...jpeg, stream: 'STREAM', ...more })
}

function greeting(mechanism: string): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x7f, 3, 0])
  bytes.write(mechanism, 12, 'latin1')
  return bytes
}

const held = (words: Buffer): ((port: number) => FloodSettings) => {
  return (port) => ({ kind: 'connections', port, count: CONNECTIONS, words: words.toString('base64') })
}
const sent =
  (fps: number, text: string, body: Buffer | number, forgesStreams = false) =>
  (port: number) => {
    const keys = { server: flooded.ends.keys.receiver.publicKey, ...mad }
    const bytes = typeof body === 'number' ? body : body.toString('base64')
    return { kind: 'messages', port, keys, header: text, body: bytes, fps, forgesStreams } satisfies FloodSettings
  }
const raw = (height: number, width: number) => header({ compression: false, dtype: 'uint8', shape: [height, width, 3] })
const bulky = { message: Array.from({ length: 60_000 }, (_, index) => ({ [`k${index}`]: 1 })) }

/** What is done, and the code that the user is told; none for what is no more than too much, or was told just before. */
const FLOODS: [what: string, flood: (port: number) => FloodSettings, code: string | undefined][] = [
  [`${CONNECTIONS} connections that say nothing`, held(Buffer.alloc(0)), 'NETGEAR_TOO_MANY_CONNECTIONS'],
  [`${CONNECTIONS} halves of greetings`, held(greeting('CURVE').subarray(0, 30)), undefined],
  [`${CONNECTIONS} connections that want no encryption`, held(greeting('NULL')), 'NETGEAR_OTHER_END_PLAIN'],
  ['a mad peer with 1000 small frames a second', sent(1000, header({}), jpegOf(100)), undefined],
  ['a mad peer with 1000 frames of 200 kB a second', sent(1000, header({}), jpegOf(200_000)), undefined],
  ['a mad peer that claims to be a thousand', sent(1000, header({}), jpegOf(2000), true), undefined],
  ['a mad peer with headers of almost 1 MiB', sent(FPS, header(bulky), jpegOf(100)), 'NETGEAR_TOO_MUCH_DATA'],
  ['a mad peer with pixels of 60 MB', sent(5, raw(4000, 5000), 60_000_000), undefined],
  ['a mad peer with 100 megapixels', sent(3, raw(10_000, 10_000), 300_000_000), 'NETGEAR_PEER_CUT_OFF'],
]

describe('while one link is flooded, its good stream and the other link go on, memory stays bounded, and the user is told', () => {
  before(async () => {
    ;[flooded, other] = await Promise.all([watch(), watch()])
    ;[port = 0] = flooded.ends.receiver.ports
    flooder = new Flooder()
    usual = await rates()
  })
  after(async () => {
    await flooder.end()
    await Promise.all(
      [flooded, other].flatMap(({ sender, receiver }) => [sender.signal('SIGKILL'), receiver.end.close()]),
    )
  })

  for (const [what, settingsFor, code] of FLOODS) {
    test(what, async (t) => {
      const known = flooded.receiver.events.all.length
      await flooder.flood(settingsFor(port))
      try {
        const { events } = flooded.receiver
        if (code) await events.first((event) => 'code' in event && event.code === code, known)
        const now = await rates()
        const growth = now.residentBytes - usual.residentBytes
        t.diagnostic(
          `${now.flooded.toFixed(1)} of ${usual.flooded.toFixed(1)} fps, other link ${now.other.toFixed(1)}, ` +
            `${(growth / 1024 ** 2).toFixed(0)} MiB more`,
        )
        assert.ok(now.flooded > LEAST_SHARE * usual.flooded, `${now.flooded} of ${usual.flooded} fps`)
        assert.ok(now.other > LEAST_SHARE * usual.other, `${now.other} of ${usual.other} fps on the other link`)
        assert.ok(growth < MOST_GROWTH, `${growth} bytes more`)
        const told = events.all.length - known
        assert.ok(told < 60, `${told} events`)
      } finally {
        await flooder.stop()
      }
    })
  }
})
