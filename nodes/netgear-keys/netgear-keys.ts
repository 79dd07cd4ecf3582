import type { NodeAPI, NodeDef } from 'node-red'
import { locateKeyDirectory, type Role, readKeyDirectory } from '../../lib/keys/directory'
import { watchKeyDirectory } from '../../lib/keys/directory-watch'
import type { Keyring } from '../../lib/keys/keyring'
import { CURLED, quoted } from '../../lib/keys/quoted'
import { NetgearError } from '../../lib/wire/error'
import { registerKeysAdmin } from './admin'
import type { KeysNode } from './keys-node'
import type { NetgearKeysCredentials, NetgearKeysOptions } from './netgear-keys.options'
import { storedKeyring } from './stored-keyring'

/** What reading the keys gave: the keys, or why there are none. */
type Outcome = Keyring | NetgearError

export = (RED: NodeAPI) => {
  function NetgearKeysNode(this: KeysNode, options: NetgearKeysOptions & NodeDef) {
    RED.nodes.createNode(this, options)
    const label = `Keys node “${options.name || this.id}”`
    const listeners = new Set<() => void>()
    const given: { role: Role; outcome: Outcome }[] = []
    const warned = new Set<string>()

    const read = (role: Role): Outcome => {
      try {
        const { keyring, warnings } = readKeys(options, this.credentials, role)
        for (const { message } of warnings) {
          if (!warned.has(message)) this.warn(message)
          warned.add(message)
        }
        return keyring
      } catch (error) {
        if (error instanceof NetgearError) return new NetgearError(error.code, `${label}: ${error.message}`)
        return new NetgearError('NETGEAR_KEYS_UNREADABLE', `${label}: the keys cannot be read: ${error}`)
      }
    }

    const tellIfChanged = () => {
      if (given.every(({ role, outcome }) => isSame(read(role), outcome))) return
      given.length = 0
      for (const listener of [...listeners]) {
        try {
          listener()
        } catch (error) {
          this.error(`${label}: ${error}`)
        }
      }
    }

    this.keyring = (role) => {
      const outcome = read(role)
      // Every different one counts: what a later caller was given does not tell what an earlier one still goes by.
      if (!given.some((earlier) => earlier.role === role && isSame(earlier.outcome, outcome)))
        given.push({ role, outcome })
      if (outcome instanceof NetgearError) throw outcome
      return outcome
    }

    this.onKeysChanged = (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }

    const stopWatching = watchKeys(options, tellIfChanged)
    this.on('close', () => {
      stopWatching()
      listeners.clear()
    })
  }

  const credentials = { secretKey: { type: 'password' } } as const
  RED.nodes.registerType<KeysNode, NetgearKeysOptions & NodeDef, object, NetgearKeysCredentials>(
    'netgear-keys',
    NetgearKeysNode,
    { credentials },
  )
  registerKeysAdmin(RED)
}

function readKeys(options: NetgearKeysOptions, credentials: NetgearKeysCredentials | undefined, role: Role) {
  if (options.source === 'directory') return readKeyDirectory(locateKeyDirectory(options.directory ?? ''), role)
  if (options.source === 'stored') return storedKeyring(options, credentials)
  throw new NetgearError(
    'NETGEAR_KEYS_SOURCE_UNKNOWN',
    `The source of the keys is ${quoted(String(options.source), CURLED)}; it must be stored or directory. Open the node and choose one.`,
  )
}

function watchKeys(options: NetgearKeysOptions, onChange: () => void): () => void {
  if (options.source !== 'directory') return () => undefined
  try {
    return watchKeyDirectory(locateKeyDirectory(options.directory ?? ''), onChange)
  } catch {
    // Not a path at all: keyring() says so.
    return () => undefined
  }
}

function isSame(a: Outcome, b: Outcome): boolean {
  if (a instanceof NetgearError || b instanceof NetgearError) return String(a) === String(b)
  return JSON.stringify(a) === JSON.stringify(b)
}
