import type { Socket } from 'zeromq'
import { type Keyring, serverKeyFor } from '../keys/keyring'
import type { TrustedPeer } from '../keys/trust-list'
import { NetgearError } from '../wire/error'

export type Mode = 'bind' | 'connect'

/** How a link is protected. `peer`, when connecting: name or public key of whom the other end must prove to be. */
export type LinkSecurity =
  | { level: 'grassland' }
  | { level: 'stonehouse' | 'ironhouse'; keyring: Keyring; peer?: string }

export const SECURITY_NAMES = { grassland: 'Grassland', stonehouse: 'StoneHouse', ironhouse: 'IronHouse' } as const

interface CurveServerOptions {
  curveServer: true
  curveSecretKey: string
}

interface CurveClientOptions {
  curveServerKey: string
  curvePublicKey: string
  curveSecretKey: string
}

/** Whom a connecting encrypted link expects at the other end; undefined when binding or unencrypted. */
export function expectedServer(security: LinkSecurity, mode: Mode): TrustedPeer | undefined {
  if (security.level === 'grassland' || mode === 'bind') return undefined
  return serverKeyFor(security.keyring, security.peer ?? '')
}

/** The socket options for CURVE: the binding end is the CURVE server, the connecting end the client, as in NetGear. */
export function curveOptions(
  security: LinkSecurity,
  mode: Mode,
): CurveServerOptions | CurveClientOptions | Record<string, never> {
  if (security.level === 'grassland') return {}
  const { own } = security.keyring
  const server = expectedServer(security, mode)
  if (!server) return { curveServer: true, curveSecretKey: own.secretKey }
  return { curveServerKey: server.publicKey, curvePublicKey: own.publicKey, curveSecretKey: own.secretKey }
}

/**
 * The last look before a socket binds or connects: throws `NETGEAR_NOT_ENCRYPTED` unless the socket itself says that it will do
 * what the link's security level promises. (zeromq silently drops CURVE for some orders of its options.)
 */
export function assertSecured(socket: Socket, security: LinkSecurity, mode: Mode): void {
  const expected = security.level === 'grassland' ? null : 'curve'
  const server = security.level !== 'grassland' && mode === 'bind'
  if (socket.securityMechanism === expected && socket.curveServer === server) return
  throw new NetgearError(
    'NETGEAR_NOT_ENCRYPTED',
    `${SECURITY_NAMES[security.level]} did not take effect on the socket (it says ${socket.securityMechanism ?? 'none'}), so the link stays closed. Please report this.`,
  )
}

/**
 * Whether this link lets a peer with that proven key in. Grassland: anyone without a key; StoneHouse: whatever key;
 * IronHouse: the trusted peers' and our own.
 */
export function admits(security: LinkSecurity, publicKey: string | undefined): boolean {
  if (security.level === 'grassland') return publicKey === undefined
  if (publicKey === undefined) return false
  if (security.level === 'stonehouse') return true
  return nameOfKey(security, publicKey) !== undefined
}

/** The name under which a key is trusted: its entry's, "" for our own key, undefined for a stranger's. */
export function nameOfKey(security: LinkSecurity, publicKey: string): string | undefined {
  if (security.level === 'grassland') return undefined
  if (publicKey === security.keyring.own.publicKey) return ''
  return security.keyring.trusted.find((peer) => peer.publicKey === publicKey)?.name
}
