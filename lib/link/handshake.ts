import type { EventOfType } from 'zeromq'
import { NetgearError } from '../wire/error'
import { type LinkSecurity, type Mode, SECURITY_NAMES } from './security'

export type HandshakeFailure = EventOfType<'handshake:error:protocol' | 'handshake:error:auth'>

/**
 * Says in words why a handshake failed, as far as this end can know (which end learns of what: measured with libzmq 4.3.5).
 * Undefined where others tell it better: whom the authenticator refused, it has named.
 */
export function explainHandshakeFailure(
  failure: HandshakeFailure,
  security: LinkSecurity,
  mode: Mode,
): NetgearError | undefined {
  const encrypted = security.level !== 'grassland'
  if (failure.type === 'handshake:error:auth') {
    if (mode === 'bind') return undefined
    return new NetgearError(
      'NETGEAR_REFUSED',
      encrypted
        ? 'The other end refused our key: add our public key to its trusted peers.'
        : 'The other end refused this link: it admits someone else already, or does not admit this address.',
    )
  }
  const { code } = failure.error
  if (code === 'ERR_ZMTP_MECHANISM_MISMATCH') return securityMismatch(security)
  if (code === 'ERR_ZMTP_CRYPTOGRAPHIC' && mode === 'bind') {
    return new NetgearError(
      'NETGEAR_WRONG_SERVER_KEY',
      'A peer knocked with the wrong key for us: give it our public key (copy it from the keys node), and check that its own pair belongs together.',
    )
  }
  return new NetgearError('NETGEAR_HANDSHAKE', `The other end does not follow the protocol (${code}).`)
}

/**
 * Why the other end hung up on a connecting link in the middle of the handshake. `mechanism`: how it says it secures its connections;
 * `peerName`: whom we expect there, "" for the holder of our own keys. Undefined where it cannot be told yet.
 */
export function explainHangUp(
  mechanism: string | undefined,
  security: LinkSecurity,
  pattern: string,
  peerName: string,
): NetgearError | undefined {
  if (mechanism === undefined) return undefined
  const ours = security.level === 'grassland' ? 'NULL' : 'CURVE'
  if (mechanism !== ours) return securityMismatch(security)
  if (ours === 'NULL') {
    return new NetgearError(
      'NETGEAR_PATTERN_MISMATCH',
      `The other end hangs up at once: set the same pattern at both ends (here: ${pattern}), and one sender to one receiver.`,
    )
  }
  const expected = peerName
    ? `it does not own the key of "${peerName}" that we expect there (compare its public key with the one under Trusted peers)`
    : "it does not own this keys node's own key, which we expect there because several peers are trusted, or none, and none is named " +
      '(name it under Peer)'
  return new NetgearError(
    'NETGEAR_WRONG_SERVER_KEY',
    `The other end broke off the handshake. Either ${expected}, or its pattern is not ${pattern}.`,
  )
}

/** A peer whom the binding end had let in hung up before a word: what it speaks after that is another pattern. */
export function admittedPatternMismatch(pattern: string, who: string): NetgearError {
  return new NetgearError(
    'NETGEAR_PATTERN_MISMATCH',
    `${who} was let in but speaks another pattern: set the same one at both ends (here: ${pattern}), and one sender to one receiver.`,
  )
}

/** Somebody broke off the handshake with an encrypted binding end before it was known who it was. */
export function brokenOffHandshake(security: LinkSecurity): NetgearError {
  return new NetgearError(
    'NETGEAR_HANDSHAKE_BROKEN',
    'Somebody broke off the handshake. If one of your peers cannot get in, it probably speaks without encryption: ' +
      `set it to ${SECURITY_NAMES[security.level]}, and restart it if it is a NetGear in secure mode. Else it was a port scan.`,
  )
}

function securityMismatch(security: LinkSecurity): NetgearError {
  if (security.level === 'grassland') {
    return new NetgearError(
      'NETGEAR_OTHER_END_ENCRYPTED',
      'The other end wants encryption and this link has none: set Security to StoneHouse or IronHouse here too.',
    )
  }
  return new NetgearError(
    'NETGEAR_OTHER_END_PLAIN',
    `The other end speaks without encryption and was refused: set it to ${SECURITY_NAMES[security.level]}. ` +
      '(A NetGear in secure mode comes back without encryption after a time-out: restart it.)',
  )
}
