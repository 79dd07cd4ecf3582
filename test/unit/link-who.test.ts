import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as zmq from 'zeromq'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { z85Encode } from '../../lib/keys/z85'
import { Doorkeeper } from '../../lib/link/doorkeeper'
import { DEFAULT_LINK_LIMITS } from '../../lib/link/limits'
import type { LinkEvent } from '../../lib/link/link-events'
import { blockEventLoop } from '../block'
import { freePort } from '../free-port'
import { jpegOf, openReceiver, openSender, secured } from '../links'

const own = generateKeyPair()
const named = (events: LinkEvent[]) => events.map((event) => `${event.event}${'name' in event ? ` ${event.name}` : ''}`)
const ofKind = (events: LinkEvent[], kind: LinkEvent['event']) => events.filter(({ event }) => event === kind)

/** A receiver and cameras that are connected to it. */
async function startCameras(count: number, pattern: 'pair' | 'pubsub' = 'pubsub') {
  const cameras = Array.from({ length: count }, generateKeyPair)
  const trusted = Object.fromEntries(cameras.map(({ publicKey }, at) => [`camera ${at}`, publicKey]))
  const place = { pattern, protocol: 'tcp', address: '127.0.0.1', ports: [await freePort()] } as const
  const receiver = openReceiver({ ...place, mode: 'bind', security: secured('ironhouse', own, trusted) })
  const senders = cameras.map((camera) =>
    openSender({ ...place, mode: 'connect', security: secured('ironhouse', camera, { yard: own.publicKey }) }),
  )
  for (const { events } of senders) await events.first(({ event }) => event === 'connected')
  while (receiver.end.stats().peers < count) await receiver.events.next()
  return { receiver, senders, close: () => Promise.all([receiver, ...senders].map(({ end }) => end.close())) }
}

test('a frame is never said to be of the peer that had the pair link before', async () => {
  const cameras = [generateKeyPair(), generateKeyPair()] as const
  const ports = [await freePort()]
  const security = secured('ironhouse', own, { 'camera 0': cameras[0].publicKey, 'camera 1': cameras[1].publicKey })
  const link = { pattern: 'pair', protocol: 'tcp', address: '127.0.0.1', ports, mode: 'bind', security } as const
  const receiver = openReceiver(link)
  await receiver.events.first(({ event }) => event === 'listening')
  const context = new zmq.Context({ blocky: false })
  const busy = setInterval(() => blockEventLoop(20), 1)
  try {
    for (let turn = 0; turn < 8; turn += 1) {
      const { publicKey, secretKey } = cameras[turn % 2] ?? cameras[0]
      const keys = { curveServerKey: own.publicKey, curvePublicKey: publicKey, curveSecretKey: secretKey }
      const camera = new zmq.Pair({ context, linger: 0, receiveTimeout: 1000, ...keys })
      camera.connect(`tcp://127.0.0.1:${ports[0]}`)
      const header = { terminate_flag: false, compression: { colorspace: 'BGR' }, message: null, pattern: '0' }
      await camera.send([JSON.stringify({ ...header, from: `camera ${turn % 2}` }), jpegOf('')])
      await camera.receive().catch(() => undefined)
      camera.close()
    }
  } finally {
    clearInterval(busy)
    await receiver.end.close()
  }
  const names = receiver.frames.all.map(({ frame, arrival }) => [arrival.peer?.name ?? frame.from, frame.from])
  assert.ok(names.length >= 4, `${names.length} frames`)
  for (const [said, is] of names) assert.equal(said, is)
})

describe('whoever goes with the socket is told to have left', () => {
  test('each of several', async () => {
    const { receiver, close } = await startCameras(3)
    receiver.end.renew()
    await receiver.events.next(({ event }) => event === 'listening')
    assert.equal(ofKind(receiver.events.all, 'disconnected').length, 3)
    await close()
    const [came, left] = [ofKind(receiver.events.all, 'connected'), ofKind(receiver.events.all, 'disconnected')]
    assert.equal(left.length, came.length)
  })

  test('by name where it can be no other', async () => {
    const { receiver, senders, close } = await startCameras(1, 'pair')
    senders[0]?.end.renew()
    await senders[0]?.events.next(({ event }) => event === 'connected')
    assert.deepEqual(named(senders[0]?.events.all ?? []), ['connected yard', 'disconnected yard', 'connected yard'])
    await close()
    assert.equal(named(receiver.events.all).at(-1), 'disconnected camera 0')
  })
})

test('six cameras that leave together, as with a switch that loses power, are not taken for one that is cut off', async () => {
  const { receiver, senders, close } = await startCameras(6)
  await Promise.all(senders.map(({ end }) => end.close()))
  while (receiver.end.stats().peers > 0) await receiver.events.next()
  assert.deepEqual(ofKind(receiver.events.all, 'refused'), [])
  assert.equal(receiver.end.state.state, 'waiting')
  await close()
})

const stonehouseDoor = () =>
  new Doorkeeper({
    security: { level: 'stonehouse', keyring: { own, trusted: [] } },
    pattern: 'pubsub',
    exclusive: false,
    limits: DEFAULT_LINK_LIMITS,
    peers: () => 1,
    surePeers: () => 1,
    lastHeard: () => 0,
    evict: () => undefined,
    recount: () => undefined,
    refused: () => assert.fail(),
  })

test('who of several with one key has left is told without an address, as it may be that of another', async () => {
  const door = stonehouseDoor()
  const peer = { address: '10.0.0.1', publicKey: own.publicKey }
  await door.admit(peer)
  assert.deepEqual(door.withSureAddress(peer), peer)
  await door.admit({ ...peer, address: '10.0.0.2' })
  assert.equal(door.onlyOneKey, true)
  assert.deepEqual(door.withSureAddress(peer), { publicKey: own.publicKey })
  door.reopened()
  await door.admit(peer)
  assert.deepEqual(door.withSureAddress(peer), peer)
})

test('a stranger with ever new keys, whom StoneHouse lets in, takes no memory', async () => {
  const door = stonehouseDoor()
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const visits = 20_000
  const visit = async () => {
    for (let key = 0; key < visits; key += 1) {
      assert.ok(await door.admit({ address: '10.0.0.1', publicKey: z85Encode(randomBytes(32)) }))
      door.entered()
    }
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = await visit()
  const perKey = ((await visit()) - before) / visits
  assert.ok(perKey < 50, `${perKey} bytes for each key`)
})
