import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import sharp from 'sharp'
import { formatPublicCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory, readKeyDirectory, regenerateKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'
import type { LinkSecurity } from '../../lib/link/security'
import { sharedZeroMq } from '../../lib/link/zeromq'
import { freePort } from '../free-port'
import { jpegOf, matchingEnds, openReceiver, openSender, PATTERNS, type ReceivingEnd } from '../links'
import { Tap } from '../tap'
import { directoryKeys, netgearIn, netgearOut, TAB } from './flows'
import { GuardedNodeRed } from './guarded-node-red'

const PLATE = 'the number plate is KA-TX 4711'
const TELLING = [PLATE, 'a telling name', 'telling data', 'terminate_flag', 'NULL']

const isConnected = ({ event }: { event: string }) => event === 'connected'

/** A picture with the number plate in a comment segment. */
async function tellingJpeg(): Promise<Buffer> {
  const plain = await sharp({ create: { width: 32, height: 32, channels: 3, background: 'navy' } })
    .jpeg()
    .toBuffer()
  const comment = Buffer.from([0xff, 0xfe, 0, PLATE.length + 2])
  return Buffer.concat([plain.subarray(0, 2), comment, Buffer.from(PLATE), plain.subarray(2)])
}

function assertEncrypted(tap: Tap, atLeastConnections: number): void {
  const { seen, connections } = tap
  assert.ok(connections >= atLeastConnections, `only ${connections} connections`)
  assert.ok(seen.length > 2000)
  assert.ok(seen.includes('CURVE'))
  for (const telling of TELLING) assert.equal(seen.includes(telling), false, `"${telling}" was seen on the line`)
}

/** Until the returned function is called, does `send` over and over; a frame may get lost where a link is being made anew. */
function keepSending(send: () => void): () => void {
  const timer = setInterval(send, 50)
  return () => clearInterval(timer)
}

async function frameArrives(receiver: ReceivingEnd, body: Buffer): Promise<void> {
  const { frame } = await receiver.frames.next()
  assert.deepEqual(frame.body, body)
}

describe('no plaintext while the authenticator fails', () => {
  for (const pattern of PATTERNS) {
    test(`${pattern}: the line is cut while it is down, and nobody gets on in clear`, async () => {
      const ends = await matchingEnds({ pattern, level: 'ironhouse' })
      const tap = await Tap.open(ends.receiver.ports[0] as number)
      const receiver = openReceiver(ends.receiver)
      const sender = openSender({ ...ends.sender, ports: [tap.port], name: 'a telling name' })
      const body = jpegOf(PLATE)
      const stop = keepSending(() => sender.end.send({ encoding: 'jpeg', body }, { told: 'telling data' }))
      try {
        await frameArrives(receiver, body)
        for (let round = 0; round < 3; round += 1) {
          const back = sender.events.next(isConnected)
          sharedZeroMq().authenticator.interrupt()
          tap.cut()
          await back
          await frameArrives(receiver, body)
        }
        assertEncrypted(tap, 4)
      } finally {
        stop()
        await Promise.all([sender.end.close(), receiver.end.close()])
        await tap.close()
      }
    })
  }
})

describe('no plaintext in a Node-RED whose keys and flows change under way', () => {
  /** Frames from here to a netgear-in, and from a netgear-out back to here, a tap on both ways. */
  async function relay(t: TestContext, level: 'ironhouse' | 'grassland' = 'ironhouse') {
    const nodeRed = await GuardedNodeRed.start()
    t.after(() => nodeRed.stop())
    const directory = join(nodeRed.userDir, 'files')
    const keys = join(directory, '.vidgear', 'keys')
    ensureKeyDirectory(keys)
    const [into, out] = [await freePort(), await freePort()]
    const taps = [await Tap.open(into), await Tap.open(out)] as const
    t.after(() => Promise.all(taps.map((tap) => tap.close())))
    const local = { pattern: 'pubsub', protocol: 'tcp', address: '127.0.0.1' } as const
    // the ends here own the directory's keys too, and go by those of the beginning
    const security = (role: 'sender' | 'receiver'): LinkSecurity =>
      level === 'grassland' ? { level } : { level, keyring: readKeyDirectory(keys, role).keyring, peer: 'server' }
    const sender = openSender({
      ...local,
      mode: 'connect',
      ports: [taps[0].port],
      name: 'a telling name',
      security: security('sender'),
    })
    const receiver = openReceiver({ ...local, mode: 'bind', ports: [out], security: security('receiver') })
    t.after(() => Promise.all([sender.end.close(), receiver.end.close()]))
    const flow = [
      TAB,
      directoryKeys('keys', directory),
      netgearIn('gate', 'keys', into, { security: level, wires: [['on']] }),
      netgearOut('on', 'keys', taps[1].port, { security: level, peer: 'server', name: 'a telling name' }),
    ]
    await nodeRed.deploy(flow)
    const body = await tellingJpeg()
    t.after(keepSending(() => sender.end.send({ encoding: 'jpeg', body }, { told: 'telling data' })))
    await frameArrives(receiver, body)
    return { nodeRed, keys, flow, taps, sender, receiver, body }
  }

  test('keys added, damaged and mended, lines cut, flows deployed', async (t) => {
    const { nodeRed, keys, flow, taps, sender, receiver, body } = await relay(t)
    const extra = join(keys, 'public_keys', 'extra.key')
    const goesOn = async (disturb: () => unknown) => {
      const back = sender.events.next(isConnected)
      await disturb()
      await back
      await frameArrives(receiver, body)
    }
    const sound = formatPublicCertificate(generateKeyPair().publicKey, new Date())
    await goesOn(() => writeFileSync(extra, sound))
    await goesOn(() => taps.map((tap) => tap.cut()))
    await goesOn(async () => {
      const before = nodeRed.statuses.all.length
      writeFileSync(extra, 'no key')
      await Promise.all([nodeRed.status('gate', 'red', /./, before), nodeRed.status('on', 'red', /./, before)])
      rmSync(extra)
    })
    await goesOn(() => nodeRed.deploy(flow, 'full'))
    for (const tap of taps) assertEncrypted(tap, 4)
  })

  test('keys replaced by new ones: nothing goes on, in clear or otherwise', async (t) => {
    const { nodeRed, keys, taps, sender, receiver } = await relay(t)
    const refused = sender.events.next(({ event }) => event === 'refused')
    regenerateKeyDirectory(keys)
    await refused
    receiver.frames.all.length = 0
    for (const tap of taps) tap.cut()
    await nodeRed.logged(/broke off the handshake|knocked with the wrong key/)
    assert.equal(sender.end.stats().peers, 0)
    assert.equal(receiver.frames.all.length, 0)
    for (const tap of taps) assertEncrypted(tap, 2)
  })

  test('without encryption the taps see it, so that the tests above can fail', async (t) => {
    const { taps } = await relay(t, 'grassland')
    for (const tap of taps) assert.ok(tap.seen.includes(PLATE))
  })
})
