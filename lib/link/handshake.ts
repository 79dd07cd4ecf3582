import type { EventOfType } from 'zeromq'
import { NetgearError } from '../wire/error'
import { type LinkSecurity, type Mode, SECURITY_NAMES } from './security'

export type HandshakeFailure = EventOfType<
  'handshake:error:protocol' | 'handshake:error:auth' | 'handshake:error:other'
>

/**
 * Says in words why a handshake failed, as far as this end can know (which end learns of what: measured with libzmq 4.3.5).
 * `peerName` is whom a connecting link expects. Undefined where the cause is nothing to tell a user, such as a port scan.
 */
export function explainHandshakeFailure(
  failure: HandshakeFailure,
  security: LinkSecurity,
  mode: Mode,
  peerName: string,
): NetgearError | undefined {
  const encrypted = security.level !== 'grassland'
  const expected = peerName ? `"${peerName}"` : 'this keys node'
  if (failure.type === 'handshake:error:auth') {
    if (mode === 'bind') return undefined // the authenticator refused it and has told who it was
    return new NetgearError(
      'NETGEAR_REFUSED',
      encrypted
        ? 'The other end refused our key: add our public key to its trusted peers.'
        : 'The other end refused this link: it admits someone else already, or does not admit this address.',
    )
  }
  if (failure.type === 'handshake:error:protocol') {
    const { code } = failure.error
    if (code === 'ERR_ZMTP_MECHANISM_MISMATCH') return mismatch(security)
    if (code === 'ERR_ZMTP_CRYPTOGRAPHIC' && mode === 'bind') {
      return new NetgearError(
        'NETGEAR_WRONG_SERVER_KEY',
        'A peer knocked with the wrong key for us: give it our public key (copy it from the keys node), and check that its own pair belongs together.',
      )
    }
    return new NetgearError('NETGEAR_HANDSHAKE', `The other end does not follow the protocol (${code}).`)
  }
  if (mode === 'bind') return undefined
  if (!encrypted) return mismatch(security)
  return new NetgearError(
    'NETGEAR_WRONG_SERVER_KEY',
    `The other end broke off the handshake: it does not own the key of ${expected} that we expect, or it speaks without encryption. ` +
      'Compare its public key with the one under Trusted peers.',
  )
}

/** The other end hung up before a word: its pattern does not fit ours. */
export function patternMismatch(pattern: string): NetgearError {
  return new NetgearError(
    'NETGEAR_PATTERN_MISMATCH',
    `The other end hangs up at once: set the same pattern at both ends (here: ${pattern}), and one sender to one receiver.`,
  )
}

function mismatch(security: LinkSecurity): NetgearError {
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
