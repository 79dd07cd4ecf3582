import { type JsonValue, toJson } from './json'

const MAX_CHARACTERS = 80

/** A received value as an error text may show it: at most 80 characters of printable ASCII, `nothing` when absent. */
export function excerpt(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'number' ? String(value) : toJson(typeof value === 'string' ? cut(value) : value)
  return cut(text)
}

function cut(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 3)}...` : text
}
