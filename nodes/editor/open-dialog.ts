import { isVariable } from './field-rules'

// Validators run for nodes whose dialog is open and for others (on import, after a keys node changed), often at the same time.

let openNodeId: string | undefined

/** Marks the node whose dialog is open, until `dialogClosed`. */
export function dialogOpened(node: { id: string }): void {
  openNodeId = node.id
}

export function dialogClosed(): void {
  openNodeId = undefined
}

/** What stands in the node's open dialog, else what was saved, else (a node saved by an older version) the default. */
export function currentValue<Value>(
  node: { id: string },
  property: string,
  fallback: Value,
  prefix = 'node-input',
): unknown {
  if (node.id === openNodeId) {
    const field = $(`#${prefix}-${property}`)
    if (field.length > 0) return field.is(':checkbox') ? field.prop('checked') : (field.val() ?? fallback)
  }
  const saved = (node as Record<string, unknown>)[property]
  return saved ?? fallback
}

/** A checkbox as saved: a boolean or its text. A `${VARIABLE}` counts as on, because it may be. */
export function isOn(value: unknown): boolean {
  return value === true || value === 'true' || value === '1' || isVariable(value)
}
