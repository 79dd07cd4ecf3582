import type { KeyPair } from '../../lib/keys/key-pair'

/** Nodes for a flow on the tab `tab`, as the editor would save them. */
export const TAB = { id: 'tab', type: 'tab', label: 'trust', disabled: false, info: '' }

type Properties = Record<string, unknown>

const LINK = {
  z: TAB.id,
  name: '',
  security: 'ironhouse',
  pattern: 'pubsub',
  protocol: 'tcp',
  peer: '',
  maxFps: 0,
  bidirectional: false,
  events: false,
  wires: [],
}

/** A `netgear-keys` node with keys that Node-RED stores; `trusted` by name. */
export function storedKeys(id: string, own: KeyPair, trusted: Record<string, string>, properties: Properties = {}) {
  return {
    id,
    type: 'netgear-keys',
    // not the id itself: Node-RED takes any property that is one for a reference
    name: `Keys ${id}`,
    source: 'stored',
    publicKey: own.publicKey,
    trusted: Object.entries(trusted).map(([name, publicKey]) => ({ name, publicKey })),
    directory: '',
    credentials: { secretKey: own.secretKey },
    ...properties,
  }
}

/** A `netgear-keys` node whose keys are in files. */
export function directoryKeys(id: string, directory: string) {
  return { id, type: 'netgear-keys', name: `Keys ${id}`, source: 'directory', publicKey: '', trusted: [], directory }
}

/** A `netgear-in` that listens on `port` of this machine. */
export function netgearIn(id: string, keys: string, port: number, properties: Properties = {}) {
  const own = { mode: 'bind', address: '127.0.0.1', port: String(port), output: 'asis', pixels: 'rgb' }
  return { ...LINK, id, type: 'netgear-in', keys, ...own, ...properties }
}

/** A `netgear-out` that connects to `port` of this machine. */
export function netgearOut(id: string, keys: string, port: number, properties: Properties = {}) {
  const own = { mode: 'connect', address: '127.0.0.1', port: String(port), encoding: 'jpeg', quality: 90, queue: 1 }
  const input = { frame: 'payload', frameType: 'msg', data: 'data', dataType: 'msg', window: 1, endOfStream: false }
  return { ...LINK, id, type: 'netgear-out', keys, ...own, ...input, ...properties }
}

/** A `debug` node that writes all of each message into the log and the editor's sidebar. */
export function tellAll(id: string) {
  const what = { complete: 'true', targetType: 'full', statusVal: '', statusType: 'auto' }
  return { id, type: 'debug', z: TAB.id, name: '', active: true, tosidebar: true, console: true, ...what, wires: [] }
}
