import { isVariable } from './field-rules'

/** A link as it stands in its dialog. */
export interface OwnEnd {
  type: 'netgear-in' | 'netgear-out'
  security: string
  pattern: string
  mode: string
  protocol: string
  address: string
  /** One or several with commas, as written. */
  port: string
  bidirectional: boolean
  /** The id of the keys node. */
  keys: string
  /** Our public key, empty if it is not known or not needed. */
  publicKey: string
  /** What the other end calls us in its trust list. */
  trustedAs: string
}

/** What the user chose for the other end. */
export interface OtherEndChoice {
  /** Our address as the other end sees it. */
  address: string
  /** One of the link's ports. */
  port: string
}

/** The ids of the nodes made here, so that the same dialog always gives the same text. */
export interface OtherEndIds {
  link: string
  keys: string
}

const MIRRORED_TYPE = { 'netgear-in': 'netgear-out', 'netgear-out': 'netgear-in' } as const

export function otherType(type: OwnEnd['type']): OwnEnd['type'] {
  return MIRRORED_TYPE[type]
}

/** Whether the other end has to be told which address of this machine it connects to, because we wait at all of them. */
export function needsOurAddress({ mode, protocol, address }: OwnEnd): boolean {
  return mode === 'bind' && protocol === 'tcp' && (isAnyAddress(address) || isVariable(address))
}

/**
 * The node for the other end of a link, with a keys node that trusts our public key, as Node-RED imports them. The keys node makes a
 * key pair of its own when its dialog is opened first: no secret is in here.
 *
 * @param defaults the default values of the other node type's properties
 */
export function otherEndNodes(
  own: OwnEnd,
  choice: OtherEndChoice,
  ids: OtherEndIds,
  defaults: Record<string, unknown>,
): object[] {
  const type = otherType(own.type)
  const secure = own.security !== 'grassland'
  const returns = own.bidirectional && own.pattern !== 'pubsub'
  const link = {
    id: ids.link,
    type,
    ...defaults,
    name: '',
    security: own.security,
    keys: secure ? ids.keys : '',
    pattern: own.pattern,
    mode: own.mode === 'bind' ? 'connect' : 'bind',
    protocol: own.protocol,
    address: otherAddress(own, choice),
    port: choice.port,
    peer: '',
    bidirectional: returns,
    ...(type === 'netgear-in' ? { inputs: returns ? 1 : 0, outputs: 1 } : { outputs: returns ? 1 : 0 }),
    x: 200,
    y: 100,
    wires: type === 'netgear-in' || returns ? [[]] : [],
  }
  if (!secure) return [link]
  const keys = {
    id: ids.keys,
    type: 'netgear-keys',
    name: '',
    source: 'stored',
    publicKey: '',
    trusted: [{ name: own.trustedAs, publicKey: own.publicKey }],
    directory: '',
  }
  return [keys, link]
}

function otherAddress(own: OwnEnd, choice: OtherEndChoice): string {
  const { mode, protocol, address } = own
  if (protocol === 'ipc') return address
  if (mode === 'connect') return isLoopback(address) ? '127.0.0.1' : '*'
  return needsOurAddress(own) ? choice.address : address
}

function isAnyAddress(address: string): boolean {
  return ['', '*', '0.0.0.0', '::', '[::]'].includes(address.trim())
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(address.trim())
}
