import { isVariable } from './field-rules'
import { isOn } from './open-dialog'

/**
 * Fills what Node-RED leaves blank or wrong when it opens a dialog: properties that an older version did not save get their
 * default, select boxes get a saved `${VARIABLE}` as one more choice, checkboxes saved as text become a tick or a text field.
 * Only the form is changed, so that cancelling leaves the flow as it was.
 */
export function completeFields(node: EditorNode<Record<string, unknown>>, prefix = 'node-input'): void {
  for (const [property, { value: fallback, type }] of Object.entries(RED.nodes.getType(node.type).defaults)) {
    const field = $(`#${prefix}-${property}`)
    if (field.length === 0 || type !== undefined) continue
    const value = node[property] ?? fallback
    if (field.is(':checkbox')) {
      if (isVariable(value)) replaceByText(field, String(value))
      else field.prop('checked', isOn(value))
    } else {
      if (field.is('select') && field.find('option').filter((_, option) => $(option).val() === value).length === 0) {
        $('<option>').val(String(value)).text(String(value)).appendTo(field)
      }
      field.val(String(value))
    }
  }
}

/** The text in a field of the open dialog; what a select box has chosen. */
export function textIn(property: string, prefix = 'node-input'): string {
  const value = $(`#${prefix}-${property}`).val()
  return typeof value === 'string' ? value : ''
}

/** Whether a checkbox of the open dialog is ticked, or a `${VARIABLE}` that may tick it. */
export function ticked(property: string): boolean {
  const field = $(`#node-input-${property}`)
  return field.is(':checkbox') ? field.prop('checked') === true : isOn(field.val())
}

/** Shows or hides the form row that holds a property's field. */
export function showRow(property: string, visible: boolean, prefix = 'node-input'): void {
  $(`#${prefix}-${property}`).closest('.form-row').toggle(visible)
}

function replaceByText(checkbox: JQuery, text: string): void {
  $('<input>', { type: 'text', id: checkbox.attr('id') ?? '' })
    .val(text)
    .replaceAll(checkbox)
}
