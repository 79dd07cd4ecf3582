import { type ErrorCode, NetgearError } from '../wire/error'
import { CURLED, quoted } from './quoted'
import { isZ85Key } from './z85'

/** Somebody whose key we trust: the name is ours to give. */
export interface TrustedPeer {
  name: string
  publicKey: string
}

/** What is wrong with the entry at `index` of a trust list. */
export interface TrustListProblem {
  index: number
  code: ErrorCode
  message: string
}

/**
 * Checks a trust list as a user wrote it; white space around names and keys does not count.
 *
 * @param ownPublicKey if given, an entry with this key is a problem too (`NETGEAR_TRUSTED_KEY_OWN`, harmless: a node trusts itself)
 * @returns every problem, in the list's order: `NETGEAR_TRUSTED_NAME_MISSING`, `NETGEAR_TRUSTED_NAME_DUPLICATE`,
 * `NETGEAR_TRUSTED_KEY_INVALID`, `NETGEAR_TRUSTED_KEY_DUPLICATE`, `NETGEAR_TRUSTED_KEY_OWN`; none for a sound list
 */
export function checkTrustList(peers: readonly TrustedPeer[], ownPublicKey?: string): TrustListProblem[] {
  const problems: TrustListProblem[] = []
  const names = new Set<string>()
  const namesByKey = new Map<string, string>()
  peers.forEach((peer, index) => {
    const name = peer.name.trim()
    const publicKey = peer.publicKey.trim()
    const report = (code: ErrorCode, message: string) => problems.push({ index, code, message })
    const entry = `Entry ${index + 1} of the trusted peers${name === '' ? '' : ` (${quoted(name, CURLED)})`}`
    if (name === '') {
      report('NETGEAR_TRUSTED_NAME_MISSING', `${entry} has no name. Give it one, such as the camera's.`)
    } else if (names.has(name)) {
      report('NETGEAR_TRUSTED_NAME_DUPLICATE', `${entry} has a name that an earlier entry has. Give each its own.`)
    }
    if (!isZ85Key(publicKey)) {
      report(
        'NETGEAR_TRUSTED_KEY_INVALID',
        `${entry} has no valid public key: 40 Z85 characters are expected. Copy the peer's whole public key again.`,
      )
    } else if (namesByKey.has(publicKey)) {
      const other = quoted(namesByKey.get(publicKey) ?? '', CURLED)
      report('NETGEAR_TRUSTED_KEY_DUPLICATE', `${entry} has the same key as ${other}. Remove one of the two.`)
    } else if (publicKey === ownPublicKey) {
      report(
        'NETGEAR_TRUSTED_KEY_OWN',
        `${entry} has this node's own public key, which is trusted anyway. Enter the peer's public key.`,
      )
    }
    names.add(name)
    if (!namesByKey.has(publicKey)) namesByKey.set(publicKey, name)
  })
  return problems
}

/** The trusted peer with this public key, else with this name; `undefined` if there is neither. */
export function findPeer(trusted: readonly TrustedPeer[], nameOrKey: string): TrustedPeer | undefined {
  return trusted.find((peer) => peer.publicKey === nameOrKey) ?? trusted.find((peer) => peer.name === nameOrKey)
}

/**
 * A sound trust list: names and keys without white space around them.
 *
 * @param value what was saved or imported, not checked in any way
 * @throws NetgearError `NETGEAR_TRUST_LIST_INVALID` if it is no list of `{name, publicKey}`; else the first problem of
 * `checkTrustList`, but for our own key in the list
 */
export function parseTrustList(value: unknown): TrustedPeer[] {
  if (!Array.isArray(value) || !value.every(isTrustedPeer)) {
    throw new NetgearError(
      'NETGEAR_TRUST_LIST_INVALID',
      'The list of trusted peers is missing or damaged, so nobody is let in. Open the keys node, check the list and deploy.',
    )
  }
  const problem = checkTrustList(value)[0]
  if (problem) throw new NetgearError(problem.code, problem.message)
  return value.map((peer) => ({ name: peer.name.trim(), publicKey: peer.publicKey.trim() }))
}

function isTrustedPeer(value: unknown): value is TrustedPeer {
  if (typeof value !== 'object' || value === null) return false
  const { name, publicKey } = value as Record<string, unknown>
  return typeof name === 'string' && typeof publicKey === 'string'
}
