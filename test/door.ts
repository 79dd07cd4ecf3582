import { setTimeout as delay } from 'node:timers/promises'
import type { EventOfType, Socket as ZeroMqSocket } from 'zeromq'
import { generateKeyPair } from '../lib/keys/key-pair'
import { ConnectionMonitor } from '../lib/link/connection-monitor'
import { Doorkeeper } from '../lib/link/doorkeeper'
import { DEFAULT_LINK_LIMITS, type LinkLimits } from '../lib/link/limits'
import type { PeerIdentity } from '../lib/link/link-events'
import type { LinkSecurity } from '../lib/link/security'
import { secured } from './links'

export const camera = generateKeyPair()
export const odd = generateKeyPair()

export const ACCEPT = { type: 'accept' }
export const HANDSHAKE = { type: 'handshake' }
export const ENDED = { type: 'disconnect' }
export const BROKE_OFF = { type: 'handshake:error:other', error: { code: 'EPIPE' } }
export const TIMED_OUT = { type: 'handshake:error:other', error: { code: 'EAGAIN' } }
export const REFUSED = { type: 'handshake:error:auth', error: { status: 400 } }

/** A listening link's door whose socket tells what the test lets it tell. */
export function openDoor(limits: Partial<LinkLimits> = {}) {
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
    limits: { ...DEFAULT_LINK_LIMITS, ...limits },
    peers: () => monitor.peers,
    surePeers: () => monitor.surePeers,
    lastHeard: () => 0,
    evict: () => told.push({ code: 'evicted', name: undefined }),
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
