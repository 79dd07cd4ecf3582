import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { EventOfType, Socket as ZeroMqSocket } from 'zeromq'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { ConnectionMonitor } from '../../lib/link/connection-monitor'
import { Doorkeeper } from '../../lib/link/doorkeeper'
import { DEFAULT_LINK_LIMITS } from '../../lib/link/limits'
import type { PeerIdentity } from '../../lib/link/link-events'
import type { LinkSecurity } from '../../lib/link/security'
import { matchingEnds, openReceiver, openSender, secured } from '../links'

const JUDGED_MS = 1100
const camera = generateKeyPair()
const odd = generateKeyPair()

const ACCEPT = { type: 'accept' }
const HANDSHAKE = { type: 'handshake' }
const ENDED = { type: 'disconnect' }
const BROKE_OFF = { type: 'handshake:error:other', error: { code: 'EPIPE' } }
const REFUSED = { type: 'handshake:error:auth', error: { status: 400 } }

/** A listening link's door whose socket tells what the test lets it tell. */
function openDoor() {
  const told: { code: string; name: string | undefined }[] = []
  const entered: PeerIdentity[] = []
  const security: LinkSecurity = secured('ironhouse', generateKeyPair(), {
    camera: camera.publicKey,
    odd: odd.publicKey,
  })
  const refused = ({ code }: { code: string }, { name }: PeerIdentity) => told.push({ code, name })
  const waiting: EventOfType[] = []
  let wake: () => void = () => undefined
  async function* events(): AsyncGenerator<EventOfType> {
    for (;;) {
      for (let event = waiting.shift(); event; event = waiting.shift()) yield event
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const monitor: ConnectionMonitor = new ConnectionMonitor({ events: events() } as unknown as ZeroMqSocket, {
    security,
    mode: 'bind',
    handshakeSeconds: DEFAULT_LINK_LIMITS.handshakeSeconds,
    entered: () => entered.push(door.entered()),
    starved: () => undefined,
    accepted: () => undefined,
    left: () => undefined,
    held: () => door.held,
    gaveUp: () => door.gaveUp(),
    refused: (error) => refused(error, {}),
    brokenOff: () => undefined,
    awaited: () => door.awaited,
    hungUp: (certain) => door.hungUp(certain),
    unreachable: () => undefined,
    stuck: () => undefined,
    ended: () => undefined,
  })
  const door: Doorkeeper = new Doorkeeper({
    security,
    pattern: 'pubsub',
    exclusive: false,
    limits: DEFAULT_LINK_LIMITS,
    peers: () => monitor.peers,
    surePeers: () => monitor.surePeers,
    lastHeard: () => 0,
    evict: () => undefined,
    recount: () => monitor.recount(),
    refused,
  })
  const tell = async (...those: object[]) => {
    waiting.push(...(those as EventOfType[]))
    wake()
    await delay(5)
  }
  const admit = ({ publicKey }: { publicKey: string }) => door.admit({ address: '10.0.0.1', publicKey })
  return { monitor, told, entered, tell, admit }
}

describe('a peer that was let in and does not enter is told of, if it is certain that it was the one that was cut off', {
  concurrency: true,
}, () => {
  test('alone, at once', async () => {
    const { told, tell, admit } = openDoor()
    await tell(ACCEPT)
    await admit(odd)
    await tell(ENDED)
    assert.deepEqual(told, [{ code: 'NETGEAR_PATTERN_MISMATCH', name: 'odd' }])
  })

  test('beside a peer that might as well have left, when it has not entered for a while', async () => {
    const { monitor, told, tell, admit } = openDoor()
    await admit(camera)
    await tell(ACCEPT, HANDSHAKE, ACCEPT, ACCEPT)
    await admit(odd)
    await tell(ENDED)
    assert.deepEqual(told, [])
    await delay(JUDGED_MS)
    assert.deepEqual(told, [{ code: 'NETGEAR_PATTERN_MISMATCH', name: 'odd' }])
    assert.equal(monitor.peers, 1)
  })

  test('not when strangers go meanwhile, and it enters under its own name', async () => {
    const { told, entered, tell, admit } = openDoor()
    await tell(...Array(50).fill(ACCEPT), ACCEPT)
    await admit(camera)
    await tell(...Array(50).fill([BROKE_OFF, ENDED]).flat(), HANDSHAKE)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
    assert.deepEqual(
      entered.map(({ name }) => name),
      ['camera'],
    )
  })

  test('not when it is back before its old connection, among those of strangers, is seen to end', async () => {
    const { told, entered, tell, admit } = openDoor()
    await admit(camera)
    await tell(ACCEPT, HANDSHAKE, ...Array(50).fill(ACCEPT), ACCEPT)
    await admit(camera)
    await tell(ENDED, HANDSHAKE)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
    assert.equal(entered.length, 2)
  })

  test('not when somebody who spoke nonsense goes meanwhile, and it enters under its own name', async () => {
    const { monitor, told, entered, tell, admit } = openDoor()
    await tell(ACCEPT, ACCEPT, ACCEPT)
    await admit(camera)
    await tell(ENDED, HANDSHAKE, ENDED)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
    assert.equal(entered[0]?.name, 'camera')
    assert.equal(monitor.peers, 1)
  })

  test('not when somebody refused goes meanwhile', async () => {
    const { told, tell, admit } = openDoor()
    await tell(ACCEPT, REFUSED, ACCEPT)
    await admit(camera)
    await tell(ENDED, HANDSHAKE)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
  })

  test('not when it may have been the one that entered after all', async () => {
    const { told, tell, admit } = openDoor()
    await tell(ACCEPT, ACCEPT)
    await admit(odd)
    await admit(camera)
    await tell(ENDED, HANDSHAKE)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
  })
})

test('another pattern is told also while a peer streams', async () => {
  const ends = await matchingEnds({ pattern: 'reqrep', level: 'ironhouse' })
  const receiver = openReceiver(ends.receiver)
  const sender = openSender(ends.sender)
  await receiver.events.first(({ event }) => event === 'connected')
  const other = openSender({ ...ends.sender, pattern: 'pair' })
  try {
    const told = await receiver.events.first(({ event }) => event === 'refused')
    assert.equal(told.event === 'refused' && told.code, 'NETGEAR_PATTERN_MISMATCH')
    assert.equal(receiver.end.state.state, 'connected')
  } finally {
    await Promise.all([receiver, sender, other].map(({ end }) => end.close()))
  }
})
