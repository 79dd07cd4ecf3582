import type { KeyWarning } from '../../lib/keys/key-file'
import { publicKeyOf } from '../../lib/keys/key-pair'
import type { Keyring } from '../../lib/keys/keyring'
import { checkTrustList, parseTrustList } from '../../lib/keys/trust-list'
import { NetgearError } from '../../lib/wire/error'
import type { NetgearKeysCredentials, NetgearKeysOptions } from './netgear-keys.options'

/**
 * The keys that Node-RED stores for a `netgear-keys` node. The public key is the one that belongs to the secret key, whatever was saved.
 *
 * @throws NetgearError `NETGEAR_SECRET_KEY_MISSING`, `NETGEAR_SECRET_KEY_INVALID`, or a problem of the trust list
 */
export function storedKeyring(
  options: NetgearKeysOptions,
  credentials: NetgearKeysCredentials | undefined,
): { keyring: Keyring; warnings: KeyWarning[] } {
  const secretKey = (credentials?.secretKey ?? '').trim()
  if (secretKey === '') {
    throw new NetgearError(
      'NETGEAR_SECRET_KEY_MISSING',
      'There is no secret key. Open the node and generate a pair, or enter one; after an import secret keys must be entered again.',
    )
  }
  const own = { publicKey: publicKeyOf(secretKey), secretKey }
  const trusted = parseTrustList(options.trusted)
  const warnings: KeyWarning[] = checkTrustList(trusted, own.publicKey)
  const saved = (options.publicKey ?? '').trim()
  if (saved !== '' && saved !== own.publicKey) {
    warnings.push({
      code: 'NETGEAR_PUBLIC_KEY_MISMATCH',
      message:
        `The saved public key does not belong to the secret key; ${own.publicKey} does and is used. ` +
        'Open the node, press Done and deploy; peers must trust this key.',
    })
  }
  return { keyring: { own, trusted }, warnings }
}
