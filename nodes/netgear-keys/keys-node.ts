import type { Node } from 'node-red'
import type { Role } from '../../lib/keys/directory'
import type { Keyring } from '../../lib/keys/keyring'
import type { NetgearKeysCredentials } from './netgear-keys.options'

/** A `netgear-keys` node, as the nodes that use it see it. */
export interface KeysNode extends Node<NetgearKeysCredentials> {
  /**
   * The keys for one end of a link, read anew at each call.
   *
   * @throws NetgearError if anything is wrong with any of them: then the link must not open
   */
  keyring(role: Role): Keyring
  /**
   * Tells when `keyring` would give something else than it gave (or threw) to anyone since the last telling, for keys in files
   * within a second. Keys stored in Node-RED only change by a deploy, which starts all nodes concerned anew.
   *
   * @returns ends the subscription; closing the keys node ends it too
   */
  onKeysChanged(listener: () => void): () => void
}
