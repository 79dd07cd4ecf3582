/** What is wrong with a field: the text's key in the `link.error` catalogue, and what to fill into it. */
export interface FieldProblem {
  key: string
  values?: Record<string, number>
}

/** The properties of a link that decide what another one may be. */
export interface LinkShape {
  security: string
  mode: string
  protocol: string
  address: string
}

const HOST_LABEL = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i
const IPV6 = /^\[?[0-9a-f]*:[0-9a-f:.]+(%[\w.-]+)?\]?$/i

/** Whether a saved text is one whole `${VARIABLE}`, which Node-RED replaces before the node starts. */
export function isVariable(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{[a-zA-Z_][a-zA-Z0-9_]*\}$/.test(value.trim())
}

/** The ports in `"5555,5556"`, as written. */
export function portsOf(text: string): string[] {
  return text
    .split(',')
    .map((port) => port.trim())
    .filter((port) => port !== '')
}

/** One port from 1 to 65535, or several with commas, none twice; each may be a `${VARIABLE}`. */
export function checkPorts(text: string): FieldProblem | undefined {
  if (text.trim() === '') return { key: 'port-missing' }
  const ports = text.split(',').map((port) => port.trim())
  const outOfRange = (port: string) => !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535
  if (ports.some((port) => !isVariable(port) && outOfRange(port))) return { key: 'port-range' }
  const distinct = new Set(ports.map((port) => (isVariable(port) ? port : Number(port))))
  return distinct.size < ports.length ? { key: 'port-duplicate' } : undefined
}

/** A host name or IP address; `*` when waiting; for ipc a path. */
export function checkAddress(text: string, { mode, protocol }: LinkShape): FieldProblem | undefined {
  const address = text.trim()
  if (address === '') return { key: 'address-missing' }
  if (isVariable(address)) return undefined
  if (protocol === 'ipc') {
    return address === '*' || address.includes('://') ? { key: 'address-path' } : undefined
  }
  if (address === '*') return mode === 'connect' ? { key: 'address-wildcard' } : undefined
  if (IPV6.test(address)) return undefined
  const labels = address.replace(/\.$/, '').split('.')
  return labels.every((label) => HOST_LABEL.test(label)) ? undefined : { key: 'address-malformed' }
}

/** A number within bounds, which may be whole only. */
export function checkNumber(
  value: unknown,
  bounds: { min: number; max?: number; whole?: boolean },
): FieldProblem | undefined {
  const text = String(value).trim()
  if (isVariable(text)) return undefined
  const number = Number(text)
  if (text === '' || !Number.isFinite(number)) return { key: 'number' }
  if (bounds.max !== undefined && (number < bounds.min || number > bounds.max)) {
    return { key: 'between', values: { min: bounds.min, max: bounds.max } }
  }
  if (number < bounds.min) return { key: 'at-least', values: { min: bounds.min } }
  return bounds.whole && !Number.isInteger(number) ? { key: 'whole' } : undefined
}

/** Whether what a link says leaves this machine: anything but ipc and loopback addresses. */
export function leavesThisMachine({ protocol, address }: LinkShape): boolean {
  if (protocol === 'ipc') return false
  const host = address
    .trim()
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
  return !(host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host))
}
