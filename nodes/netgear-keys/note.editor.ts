/** Shows a short message in the part of the dialog that it is about; an empty text takes it away. */
export function showNote(selector: string | JQuery, text: string, kind: 'plain' | 'error' = 'plain'): void {
  const element = typeof selector === 'string' ? $(selector) : selector
  element.text(text).toggleClass('netgear-note-error', kind === 'error')
}

/** The words of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Asks before something that other machines depend on is replaced. */
export function confirmLoss(translate: Translate, what: 'generate' | 'regenerate', replace: () => void): void {
  const question = RED.notify($('<p>').text(translate(`netgear-keys.confirm.${what}`)), {
    type: 'warning',
    modal: true,
    fixed: true,
    buttons: [
      { text: translate('netgear-keys.button.cancel'), click: () => question.close() },
      {
        text: translate(`netgear-keys.button.replace`),
        class: 'primary',
        click: () => {
          question.close()
          replace()
        },
      },
    ],
  })
}
