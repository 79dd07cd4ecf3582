import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import * as zmq from 'zeromq'
import { generateKeyPair, type KeyPair } from '../../lib/keys/key-pair'
import { freePort } from '../free-port'
import { openReceiver, openSender, secured } from '../links'
import { netgearIn, netgearOut, storedKeys, TAB, tellAll } from './flows'
import { GuardedNodeRed } from './guarded-node-red'
import { openFiles, residentMiB } from './traces'

/** How many handshakes each kind of stranger tries; NETGEAR_TEST_HANDSHAKES asks for more. */
const HANDSHAKES = Number(process.env.NETGEAR_TEST_HANDSHAKES ?? 1000)
const WARM_UP = 300
const AT_ONCE = 25
const GROWTH_MIB = 60
const GAP_MS = 1000
/** 64 different keys are told apart, all others together. */
const MOST_WARNINGS = 75
const FRAME_MS = 40

const own = generateKeyPair()
const camera = generateKeyPair()
const context = new zmq.Context({ blocky: false })
let nodeRed: GuardedNodeRed
let port: number
let watched: Awaited<ReturnType<typeof watchStream>>

before(async () => {
  nodeRed = await GuardedNodeRed.start()
  port = await freePort()
  watched = await watchStream()
})
after(async () => {
  await watched?.close()
  await nodeRed.stop()
})

/** A camera's frames through the receiver under attack, and on over a link of its own, so that their arrival can be timed here. */
async function watchStream() {
  const exit = await freePort()
  const local = { pattern: 'pubsub', protocol: 'tcp', address: '127.0.0.1' } as const
  const receiver = openReceiver({ ...local, mode: 'bind', ports: [exit], security: { level: 'grassland' } })
  await nodeRed.deploy([
    TAB,
    storedKeys('keys', own, { camera: camera.publicKey }),
    netgearIn('gate', 'keys', port, { events: true, wires: [['on'], ['tell']] }),
    netgearOut('on', '', exit, { security: 'grassland' }),
    tellAll('tell'),
  ])
  const security = secured('ironhouse', camera, { gate: own.publicKey })
  const sender = openSender({ ...local, mode: 'connect', ports: [port], security })
  const body = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer()
  const timer = setInterval(() => sender.end.send({ encoding: 'jpeg', body }), FRAME_MS)
  let longestGap = 0
  let last = performance.now()
  let count = 0
  const following = setInterval(() => {
    const arrived = receiver.frames.all.length > 0
    receiver.frames.all.length = 0
    const now = performance.now()
    longestGap = Math.max(longestGap, now - last)
    if (!arrived) return
    last = now
    count += 1
  }, FRAME_MS)
  await receiver.frames.next()
  return {
    sender,
    /** The longest time without a frame since the last call, and in how many intervals some came. */
    take() {
      const taken = { longestGap, count }
      longestGap = 0
      count = 0
      return taken
    },
    async close() {
      clearInterval(timer)
      clearInterval(following)
      await Promise.all([sender.end.close(), receiver.end.close()])
    },
  }
}

/** Runs `visit` so many times, a few at a time. */
async function flood(times: number, visit: () => Promise<void>): Promise<void> {
  let left = times
  const visitor = async () => {
    while (left-- > 0) await visit()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, visitor))
}

/** A CURVE handshake that must fail; resolves when it has. */
async function knock(pair: KeyPair, serverKey: string): Promise<void> {
  const socket = new zmq.Publisher({
    context,
    linger: 0,
    curveServerKey: serverKey,
    curvePublicKey: pair.publicKey,
    curveSecretKey: pair.secretKey,
  })
  let letIn = false
  await new Promise<void>((resolve) => {
    const follow = async () => {
      // to leave this before its end would leave a hidden socket open
      for await (const { type } of socket.events) {
        if (type === 'handshake') letIn = true
        if (letIn || type.startsWith('handshake:error') || type === 'disconnect') setImmediate(resolve)
      }
    }
    follow().catch(() => undefined)
    socket.connect(`tcp://127.0.0.1:${port}`)
  })
  socket.close()
  assert.equal(letIn, false, 'a stranger was let in')
}

/** Connects, says something, and hangs up when the other end does, or after a while. */
function babble(words: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(words))
    socket.setTimeout(200, () => socket.destroy())
    socket.on('data', () => undefined)
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}

const GREETING = Buffer.concat([Buffer.from('ff00000000000000017f0301', 'hex'), Buffer.from('CURVE'), Buffer.alloc(47)])

function nonsense(): Buffer {
  const kinds = [
    () => randomBytes(200),
    () => Buffer.from('GET / HTTP/1.1\r\nHost: camera\r\n\r\n'),
    () => Buffer.concat([GREETING, randomBytes(300)]),
    // a command that announces 8 EiB
    () => Buffer.concat([GREETING, Buffer.from('067fffffffffffffff', 'hex'), randomBytes(100)]),
    // HELLO of the right length, with a random box
    () => Buffer.concat([GREETING, Buffer.from('04c8', 'hex'), Buffer.from('\x05HELLO\x01\x00'), randomBytes(192)]),
    () => Buffer.alloc(0),
  ]
  return kinds[Math.floor(Math.random() * kinds.length)]?.() ?? Buffer.alloc(0)
}

function warningsIn(log: string): string[] {
  return log.split('\n').filter((line) => line.includes('[warn] [netgear-in:gate]'))
}

describe('a flood at the door of an IronHouse link', () => {
  const strangers: [string, () => Promise<void>][] = [
    ['the same untrusted key again and again', () => knock(sameStranger, own.publicKey)],
    ['keys that are not trusted', () => knock(generateKeyPair(), own.publicKey)],
    ['the wrong server key', () => knock(camera, sameStranger.publicKey)],
    ['garbage', () => babble(nonsense())],
  ]
  const sameStranger = generateKeyPair()

  for (const [what, visit] of strangers) {
    test(`${HANDSHAKES} times ${what}: memory stays flat, the stream goes on, refusals are summed up`, async (t) => {
      await flood(WARM_UP, visit)
      const memory = residentMiB(nodeRed.pid)
      const files = openFiles(nodeRed.pid)
      const logged = nodeRed.log.length
      watched.take()
      const begin = performance.now()
      await flood(HANDSHAKES, visit)
      const seconds = (performance.now() - begin) / 1000
      const { longestGap, count } = watched.take()
      const growth = residentMiB(nodeRed.pid) - memory
      const warnings = warningsIn(nodeRed.log.slice(logged))
      t.diagnostic(
        `${(HANDSHAKES / seconds).toFixed(0)} per second, memory ${growth.toFixed(1)} MiB more, longest gap ` +
          `${longestGap.toFixed(0)} ms, ${warnings.length} warnings, ${openFiles(nodeRed.pid) - files} files more`,
      )
      assert.ok(nodeRed.running)
      assert.ok(growth < GROWTH_MIB, `memory grew by ${growth.toFixed(1)} MiB`)
      assert.ok(longestGap < GAP_MS, `no frame came for ${longestGap.toFixed(0)} ms`)
      assert.ok(count > 5)
      assert.ok(warnings.length <= MOST_WARNINGS, `${warnings.length} warnings`)
      assert.ok(openFiles(nodeRed.pid) < files + 2 * AT_ONCE)
      assert.equal(watched.sender.events.all.filter(({ event }) => event === 'disconnected').length, 0)
    })
  }

  test('afterwards the stranger is still refused, one line tells how often he was, and the camera is connected', async () => {
    assert.equal(watched.sender.end.stats().peers, 1)
    for (let time = 0; time < 4; time += 1) await knock(sameStranger, own.publicKey)
    const line = await nodeRed.logged(/was refused, because that key is not trusted.* \(\d+ times\)/)
    const [, times] = line.match(/\((\d+) times\)/) ?? []
    assert.ok(Number(times) >= WARM_UP, line)
    const { length } = warningsIn(nodeRed.log)
    assert.ok(length <= MOST_WARNINGS, `${length} warnings in all`)
  })
})
