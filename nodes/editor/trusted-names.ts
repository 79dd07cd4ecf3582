import { isVariable } from './field-rules'

/** What a link's dialog needs to know of the chosen keys node; all of it is public. */
export interface ChosenKeys {
  source: string
  publicKey: string
  trusted: { name: string; publicKey: string }[]
  valid: boolean
}

/** The keys node with this id, `undefined` if there is none. */
export function chosenKeys(id: unknown): ChosenKeys | undefined {
  if (typeof id !== 'string' || id === '' || id === '_ADD_') return undefined
  const node = RED.nodes.node(id)
  if (!node) return undefined
  return {
    source: String(node.source ?? 'stored'),
    publicKey: String(node.publicKey ?? ''),
    trusted: trustedPeers(node.trusted),
    valid: node.valid !== false,
  }
}

/** A saved trust list without what is no entry. */
export function trustedPeers(saved: unknown): { name: string; publicKey: string }[] {
  if (!Array.isArray(saved)) return []
  return saved
    .filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null)
    .map((entry) => ({ name: String(entry.name ?? ''), publicKey: String(entry.publicKey ?? '') }))
}

/** Whether the keys node can find this peer by name or public key. Key directories are only read on the server: they may. */
export function knowsPeer(keys: ChosenKeys, peer: string): boolean {
  if (keys.source !== 'stored' || peer === keys.publicKey) return true
  return keys.trusted.some(
    ({ name, publicKey }) => name === peer || publicKey === peer || isVariable(name) || isVariable(publicKey),
  )
}
