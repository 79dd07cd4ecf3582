// Node-RED's own widgets have neither names nor, in part, a way in for the keyboard.

/** Makes the buttons beside a choice of a configuration node reachable by keyboard, and names them. */
export function completeConfigButtons(property: string, node: { _: Translate }): void {
  for (const action of ['edit', 'add']) {
    const button = $(`#node-input-btn-${property}-${action}`)
    button
      .attr({ role: 'button', tabindex: '0', 'aria-label': node._(`link.button.${property}-${action}`) })
      .on('keydown', ({ key }) => {
        if (key !== 'Enter' && key !== ' ') return
        button.trigger('click')
        return false
      })
      .on('click', () => {
        if (!button.hasClass('disabled')) focusWhenBack(button)
      })
  }
}

/** Tells screen readers which of a form's fields are marked as wrong, by Node-RED or by us; otherwise only the colour tells. */
export function announceInvalidFields(form: JQuery): void {
  const observer = new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement)
        target.setAttribute('aria-invalid', String(target.classList.contains('input-error')))
    }
  })
  for (const element of form.get()) observer.observe(element, { subtree: true, attributeFilter: ['class'] })
}

/** When the dialog that an element opens closes again, Node-RED leaves the focus nowhere. */
function focusWhenBack(element: JQuery): void {
  const refocus = () => {
    if (!element.get(0)?.isConnected) return
    RED.events.off('editor:change', refocus)
    element.trigger('focus')
  }
  RED.events.on('editor:change', refocus)
}

/** Lets the label of a typed input belong to what is seen of it, and names its menus. */
export function completeTypedInput(property: string, node: { _: Translate }): void {
  const label = $(`label[for="node-input-${property}"]`)
  const widget = $(`#node-input-${property}`).next('.red-ui-typedInput-container')
  const id = `node-input-${property}-text`
  widget.find('.red-ui-typedInput-input').attr('id', id)
  widget.find('button').attr('aria-label', node._('link.label.type-of', { label: label.text().trim() }))
  label.attr('for', id)
}

/** Names the button that removes a row of an editable list. */
export function nameRemoveButton(row: JQuery, name: string): void {
  row.siblings('.red-ui-editableList-item-remove').attr({ role: 'button', 'aria-label': name })
}
