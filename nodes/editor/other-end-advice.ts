import { checkAddress, checkPorts, isVariable } from './field-rules'
import { needsOurAddress, type OwnEnd, otherType } from './other-end-node'

/** What runs at the other end: our package, or a Python program with that library. */
export type OtherEndKind = 'node' | 'pyzmq' | 'vidgear'

/** Why nothing can be given for the other end: a key of the `link.other-end.problem` catalogue. */
export function problemFor(kind: OtherEndKind, own: OwnEnd, dialect: string): string | undefined {
  const keys = own.security === 'grassland' ? '' : own.keys
  if ([own.security, own.pattern, own.mode, own.protocol, keys].some(isVariable)) return 'variables'
  if (checkPorts(own.port) ?? checkAddress(own.address, own)) return 'settings'
  if (own.security !== 'grassland' && own.publicKey === '') return 'no-key'
  if (kind === 'node') return undefined
  if (own.protocol === 'ipc') return 'python-ipc'
  if (dialect === 'imagezmq') return 'python-imagezmq'
  if (own.type === 'netgear-in' && own.mode !== 'bind') return 'python-wait'
  if (own.type === 'netgear-out' && own.mode !== 'connect') return 'python-connect'
  return kind === 'pyzmq' && own.security === 'grassland' ? 'pyzmq-grassland' : undefined
}

/** Whether the user has to say which of this machine's addresses the other end sees. A Python receiver is told whom to let in. */
export function asksForOurAddress(kind: OtherEndKind, own: OwnEnd): boolean {
  return needsOurAddress(own) || (kind !== 'node' && own.mode === 'connect')
}

/** What to do, step by step: keys of the `link.other-end.step` catalogue. */
export function stepsFor(kind: OtherEndKind, own: OwnEnd): string[] {
  const secure = own.security !== 'grassland'
  const connects = own.mode === 'connect' && own.protocol === 'tcp' ? ['address'] : []
  if (kind !== 'node') {
    const steps = secure ? ['python-kit', 'python-copy', `python-run-${task(own)}`] : [`python-save-${task(own)}`]
    return [...steps, ...connects]
  }
  const wire = otherType(own.type) === 'netgear-in' ? 'wire-out' : 'wire-in'
  if (!secure) return ['import', wire, 'deploy', ...connects]
  // With StoneHouse the end that waits asks nobody who they are.
  const trustBack = own.security === 'ironhouse' || own.mode === 'connect'
  return ['import', 'open-keys', wire, 'deploy', ...(trustBack ? ['trust-back'] : []), ...connects]
}

/** What a Python program at the other end does. */
export function task({ type }: OwnEnd): 'sends' | 'receives' {
  return type === 'netgear-in' ? 'sends' : 'receives'
}
