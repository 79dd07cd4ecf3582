/**
 * Says below each field of a link's open dialog what is wrong with it. Node-RED only colours the field and tells why to whoever
 * hovers over it with a mouse.
 */
export function showFieldProblems(node: EditorNode<Record<string, unknown>>): void {
  for (const [property, { validate }] of Object.entries(RED.nodes.getType(node.type).defaults)) {
    const field = $(`#node-input-${property}`)
    if (!validate || field.length === 0 || field.is('[type="hidden"]')) continue
    const verdict = validate.call(node, field.val(), {})
    showProblem(field, verdict === true ? '' : verdict)
  }
}

function showProblem(field: JQuery, words: string): void {
  const place = placeFor(field)
  // Screen readers read it out whenever its text is set.
  if (place.text() !== words) place.text(words)
}

function placeFor(field: JQuery): JQuery {
  const id = `${field.attr('id')}-problem`
  const row = field.closest('.form-row')
  const present = row.find('.netgear-field-problem')
  if (present.length > 0) return present
  const place = $('<div class="netgear-hint netgear-field-problem netgear-note-error" role="status">').attr('id', id)
  const hint = row.find('.netgear-hint').first()
  if (hint.length > 0) place.insertBefore(hint)
  else place.appendTo(row)
  field.attr('aria-describedby', [field.attr('aria-describedby'), id].filter(Boolean).join(' '))
  return place
}
