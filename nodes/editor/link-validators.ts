import type { LinkOptions } from '../link-options'
import {
  checkAddress,
  checkNumber,
  checkPorts,
  type FieldProblem,
  isVariable,
  type LinkShape,
  portsOf,
} from './field-rules'
import { currentValue } from './open-dialog'
import { chosenKeys, knowsPeer } from './trusted-names'

type LinkNode = EditorNode<LinkOptions>

/** The validators of the properties that `netgear-in` and `netgear-out` share. Each answers `true` or what is wrong, in words. */
export function validateKeys(this: LinkNode, value: unknown, _context: unknown): true | string {
  if (shapeOf(this).security === 'grassland' || isVariable(value)) return true
  if (value === undefined || value === null || value === '' || value === '_ADD_') return wrong(this, 'keys-missing')
  const keys = chosenKeys(value)
  if (!keys) return wrong(this, 'keys-unknown')
  return keys.valid ? true : wrong(this, 'keys-invalid')
}

export function validateAddress(this: LinkNode, value: unknown, _context: unknown): true | string {
  return answer(this, value, (text) => checkAddress(text, shapeOf(this)))
}

export function validatePort(this: LinkNode, value: unknown, _context: unknown): true | string {
  return answer(this, value, checkPorts)
}

export function validatePeer(this: LinkNode, value: unknown, _context: unknown): true | string {
  const { security, mode } = shapeOf(this)
  if (security === 'grassland' || mode !== 'connect') return true
  return answer(this, value, (text) => {
    const keys = chosenKeys(currentValue(this, 'keys', ''))
    const peer = text.trim()
    return peer === '' || !keys || knowsPeer(keys, peer) ? undefined : { key: 'peer-unknown' }
  })
}

export function validateMaxFps(this: LinkNode, value: unknown, _context: unknown): true | string {
  return answer(this, value, (text) => checkNumber(text, { min: 0 }))
}

export function validateSshHost(this: LinkNode, value: unknown, _context: unknown): true | string {
  const { mode, protocol } = shapeOf(this)
  return answer(this, value, (text) => {
    if (text.trim() === '' || mode !== 'connect' || protocol !== 'tcp') return undefined
    if (!/^[^@\s]+@(\[[^\]]+\]|[^:\s]+)(:\d{1,5})?$/.test(text.trim())) return { key: 'ssh-host' }
    return portsOf(String(currentValue(this, 'port', ''))).length > 1 ? { key: 'ssh-single' } : undefined
  })
}

/** A validator that accepts the values of one property's select box or radio buttons. */
export function validateChoice(...choices: string[]) {
  return function (this: LinkNode, value: unknown, _context: unknown): true | string {
    return answer(this, value, (text) => (choices.includes(text) ? undefined : { key: 'choice' }))
  }
}

/** A validator for a number within bounds, asked only while `matters` says that the property does something. */
export function validateNumber<Node extends LinkNode>(
  bounds: { min: number; max?: number; whole?: boolean },
  matters: (node: Node) => boolean = () => true,
) {
  return function (this: Node, value: unknown, _context: unknown): true | string {
    return answer(this, value, (text) => (matters(this) ? checkNumber(text, bounds) : undefined))
  }
}

function shapeOf(node: LinkNode): LinkShape {
  const text = (property: string, fallback: string) => String(currentValue(node, property, fallback))
  return {
    security: text('security', 'ironhouse'),
    mode: text('mode', node.type === 'netgear-in' ? 'bind' : 'connect'),
    protocol: text('protocol', 'tcp'),
    address: text('address', ''),
  }
}

// A node saved by an older version has no value yet: the runtime takes the default.
function answer(node: LinkNode, value: unknown, check: (text: string) => FieldProblem | undefined): true | string {
  if (value === undefined || value === null) return true
  const problem = isVariable(value) ? undefined : check(String(value))
  return problem ? wrong(node, problem.key, problem.values) : true
}

function wrong(node: LinkNode, key: string, values?: Record<string, number>): string {
  return node._(`link.error.${key}`, values)
}
