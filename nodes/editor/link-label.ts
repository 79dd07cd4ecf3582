import type { LinkOptions } from '../link-options'

/** A link's label in the workspace: its name, else its type and endpoint, such as `netgear in :5555`. */
export function linkLabel(node: EditorNode<LinkOptions>): string {
  if (node.name) return String(node.name)
  const type = node._(`${node.type}.palette`)
  const host = node.mode === 'bind' && node.address === '*' ? '' : String(node.address ?? '')
  return node.protocol === 'ipc' ? `${type} ${host}` : `${type} ${host}:${node.port ?? ''}`
}
