import type { NodeAPI } from 'node-red'
import { mayHoldKey, NOT_SHOWN } from '../lib/keys/quoted'
import { parsePorts } from '../lib/link/endpoint'
import { type LinkLimits, readLinkLimits } from '../lib/link/limits'
import type { EndOptions } from '../lib/link/options'
import { type LinkSecurity, SECURITY_NAMES } from '../lib/link/security'
import { NetgearError } from '../lib/wire/error'
import type { LinkOptions } from './link-options'
import type { KeysNode } from './netgear-keys/keys-node'

export type Role = 'sender' | 'receiver'

/** Reads a saved number, which an environment variable turns into text. Throws `NETGEAR_SETTING` outside `min` to `max`. */
export function numberSetting(name: string, value: unknown, fallback: number, min: number, max: number): number {
  if (value === undefined || value === null || value === '') return fallback
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
  if (Number.isFinite(number) && number >= min && number <= max) return number
  throw new NetgearError('NETGEAR_SETTING', `${name} is ${shown(value)}: give a number from ${min} to ${max}.`)
}

/** Reads a saved text, which may have become a number. Throws `NETGEAR_SETTING` for anything else; absent is empty. */
export function textSetting(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string' || typeof value === 'number') return String(value).trim()
  throw new NetgearError('NETGEAR_SETTING', `${name} is ${shown(value)}: give a text.`)
}

/** Reads a saved boolean, which an environment variable turns into text. */
export function booleanSetting(value: unknown): boolean {
  return value === true || value === 'true' || value === '1'
}

/** Reads a saved choice. Throws `NETGEAR_SETTING` for anything but one of `choices`; absent is the first. */
export function choiceSetting<T extends string>(name: string, value: unknown, choices: readonly [T, ...T[]]): T {
  if (value === undefined || value === '') return choices[0]
  const choice = choices.find((known) => known === value)
  if (choice !== undefined) return choice
  throw new NetgearError('NETGEAR_SETTING', `${name} is ${shown(value)}: give one of ${choices.join(', ')}.`)
}

/** The keys node that a link's node refers to. Throws when the security level needs one and there is none. */
export function keysNodeOf(RED: NodeAPI, config: LinkOptions): KeysNode | undefined {
  const level = choiceSetting('Security', config.security, ['ironhouse', 'stonehouse', 'grassland'])
  if (level === 'grassland') return undefined
  const node = RED.nodes.getNode(config.keys) as KeysNode | null
  if (node && typeof node.keyring === 'function') return node
  throw new NetgearError(
    'NETGEAR_NO_KEYS',
    `${SECURITY_NAMES[level]} needs keys: choose, add or enable a keys node in this node's dialog, and deploy it too.`,
  )
}

/** The limits of every link, from `netgear.limits` in Node-RED's settings.js. Throws `NETGEAR_LIMIT` for what cannot be meant. */
export function processLimits({ settings }: Pick<NodeAPI, 'settings'>): LinkLimits {
  const { netgear } = settings as { netgear?: unknown }
  const wrapped = typeof netgear === 'object' && netgear !== null && 'limits' in netgear
  return readLinkLimits(wrapped ? netgear.limits : netgear)
}

/** What the link needs to know, from a node's saved properties. Throws a `NetgearError` that names the property. */
export function linkSettings(config: LinkOptions, role: Role, keysNode: KeysNode | undefined): EndOptions {
  return {
    pattern: choiceSetting('Pattern', config.pattern, ['pubsub', 'pair', 'reqrep']),
    mode: choiceSetting('Mode', config.mode, role === 'receiver' ? ['bind', 'connect'] : ['connect', 'bind']),
    protocol: choiceSetting('Protocol', config.protocol, ['tcp', 'ipc']),
    address: textSetting('Address', config.address) || (role === 'receiver' ? '*' : 'localhost'),
    ports: parsePorts(textSetting('Port', config.port) || '5555'),
    security: linkSecurity(config, role, keysNode),
  }
}

function linkSecurity(config: LinkOptions, role: Role, keysNode: KeysNode | undefined): LinkSecurity {
  const level = choiceSetting('Security', config.security, ['ironhouse', 'stonehouse', 'grassland'])
  if (level === 'grassland' || !keysNode) return { level: 'grassland' }
  return { level, keyring: keysNode.keyring(role), peer: textSetting('Peer', config.peer) }
}

/** A saved value as an error text may show it. */
function shown(value: unknown): string {
  return typeof value === 'string' && mayHoldKey(value) ? NOT_SHOWN : JSON.stringify(value)
}
