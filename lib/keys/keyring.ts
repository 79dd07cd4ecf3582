import { NetgearError } from '../wire/error'
import type { KeyPair } from './key-pair'
import { CURLED, quoted } from './quoted'
import { findPeer, type TrustedPeer } from './trust-list'
import { isZ85Key } from './z85'

/** One end's keys: its own pair, and whom it trusts. Its own key is always trusted, listed or not. */
export interface Keyring {
  own: KeyPair
  trusted: readonly TrustedPeer[]
}

/**
 * Whose key the other end must prove when we connect to it.
 *
 * @param peer name or public key of a trusted peer, or our own public key; empty: the only trusted peer there is, else ourselves
 * @returns the peer; our own key comes with the name `''` unless it is listed under another
 * @throws NetgearError `NETGEAR_PEER_UNKNOWN` if nobody trusted has this name or key
 */
export function serverKeyFor(keyring: Keyring, peer: string): TrustedPeer {
  const { own, trusted } = keyring
  const wanted = peer.trim()
  const ourselves = { name: '', publicKey: own.publicKey }
  if (wanted === '') {
    const others = trusted.filter(({ publicKey }) => publicKey !== own.publicKey)
    return others.length === 1 && others[0] ? others[0] : ourselves
  }
  const found = findPeer(trusted, wanted)
  if (found) return found
  if (wanted === own.publicKey) return ourselves
  const names = trusted.map(({ name }) => quoted(name, CURLED)).join(', ')
  // A key is not repeated: it may be a secret one, pasted into the wrong field.
  const what = isZ85Key(wanted) ? 'this public key' : `the name or public key ${quoted(wanted, CURLED)}`
  throw new NetgearError(
    'NETGEAR_PEER_UNKNOWN',
    `No trusted peer has ${what}. ` +
      `${names === '' ? 'Nobody is trusted yet' : `Trusted are ${names}`}; add the peer to the keys node, or name another.`,
  )
}
