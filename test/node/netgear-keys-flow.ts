import type { KeysNode } from '../../nodes/netgear-keys/keys-node'
import registerKeys from '../../nodes/netgear-keys/netgear-keys'
import type { NetgearKeysOptions } from '../../nodes/netgear-keys/netgear-keys.options'

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
  text: string
}

interface PostRequest extends PromiseLike<Answer> {
  send(body: unknown): PostRequest
  responseType(type: 'blob'): PostRequest
}

/** What these tests use of node-red-node-test-helper, which has no types. */
interface TestHelper {
  init(runtime: string): void
  load(nodes: unknown, flow: object[], credentials: object): Promise<void>
  unload(): Promise<void>
  getNode(id: string): unknown
  request(): { post(path: string): PostRequest }
  log(): { args: unknown[][] }
}

const helper: TestHelper = require('node-red-node-test-helper')
helper.init(require.resolve('node-red'))

/** Starts a runtime whose flow is one keys node, and gives that node. */
export async function startKeysNode(options: object, secretKey?: string): Promise<KeysNode> {
  const defaults: NetgearKeysOptions = { name: 'gate', source: 'stored', publicKey: '', trusted: [], directory: '' }
  const node = { id: 'keys', type: 'netgear-keys', ...defaults, ...options }
  await helper.load(registerKeys, [node], secretKey === undefined ? {} : { keys: { secretKey } })
  return helper.getNode('keys') as KeysNode
}

export function stopRuntime(): Promise<void> {
  return helper.unload()
}

/** Everything logged since the runtime started, as text. */
export function logged(): string {
  return JSON.stringify(helper.log().args)
}

/** Asks an admin endpoint of the keys node. */
export function post(path: string, body: unknown = {}): PostRequest {
  return helper.request().post(`/netgear-keys/${path}`).send(body)
}
