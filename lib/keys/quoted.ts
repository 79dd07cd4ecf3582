type QuotationMarks = readonly [open: string, close: string]

const STRAIGHT: QuotationMarks = ['"', '"']
export const CURLED: QuotationMarks = ['“', '”']

/** As much of a key as may have been copied, whatever stands around it. */
const Z85_RUN = /[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{30,}/g
const SEPARATORS = /[./:-]/
/** A word of a host name or path: in small letters, in capitals, or each part with a capital of its own. */
const WORD = /^(?:[a-z0-9]*|[A-Z0-9]*|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*[0-9]*)$/

/**
 * Whether a text that a user typed holds what may be a key, such as a secret one that was pasted into the wrong field: many characters
 * of Z85 in a row that are not the words of a host name or path.
 */
export function mayHoldKey(text: string): boolean {
  const runs = text.match(Z85_RUN) ?? []
  return !runs.every((run) => run.split(SEPARATORS).every((word) => WORD.test(word)))
}

/** What a user typed, in quotation marks as an error text may show it; what may be a key is not repeated. */
export function quoted(text: string, [open, close]: QuotationMarks = STRAIGHT): string {
  return mayHoldKey(text) ? NOT_SHOWN : `${open}${text}${close}`
}

/** Stands in an error text for what may be a key. */
export const NOT_SHOWN = '(not shown: it looks like a key)'
