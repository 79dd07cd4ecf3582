import { NetgearError } from './error'
import { parsePythonExtensions } from './python-json'

/** What JSON text can hold as Python reads it: integers beyond 2^53 are `bigint`, NaN and the infinities are numbers. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [key: string]: JsonValue }

/** Arrays and objects may lie this deep in each other, the outermost counted as 1. */
export const MAX_JSON_DEPTH = 100

/** Data lies inside a header, which takes one level itself. */
const MAX_DATA_DEPTH = MAX_JSON_DEPTH - 1

/** Integers of fewer digits are exact as numbers. */
const LONG_INTEGER_DIGITS = 16
const MANY_DIGITS = new RegExp(`\\d{${LONG_INTEGER_DIGITS}}`)

/**
 * Reads JSON text as Python's `json.loads` does: `NaN`, `Infinity` and `-Infinity` are numbers, integers that a number
 * cannot hold exactly come as `bigint`, the last of equal keys wins. A key `__proto__` is an own key like any other.
 *
 * @throws {NetgearError} `NETGEAR_JSON` when the text is not JSON, is nested deeper than 100 levels, or holds an integer
 *   of more than 4300 digits (Python's own limit).
 */
export function parsePythonJson(text: string): JsonValue {
  const { depth, longIntegers } = isPlain(text) ? PLAIN : survey(text)
  if (depth > MAX_JSON_DEPTH) {
    throw new NetgearError('NETGEAR_JSON', `JSON nested deeper than ${MAX_JSON_DEPTH} levels is not accepted.`)
  }
  if (!longIntegers) {
    try {
      return JSON.parse(text) as JsonValue
    } catch {
      // The other parser knows NaN and the infinities, and says where the text is wrong.
    }
  }
  return parsePythonExtensions(text)
}

const PLAIN = { depth: 0, longIntegers: false }

/** Whether the text is so short of brackets and digits, as most headers are, that it need not be surveyed. */
function isPlain(text: string): boolean {
  return !MANY_DIGITS.test(text) && !hasManyBrackets(text)
}

function hasManyBrackets(text: string): boolean {
  let found = 0
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      found += 1
      if (found > MAX_JSON_DEPTH) return true
    }
  }
  return false
}

/** How deep the text is nested, and whether it may hold integers that JSON.parse would round. */
function survey(text: string): { depth: number; longIntegers: boolean } {
  let depth = 0
  let deepest = 0
  let digits = 0
  let isFraction = false
  let longIntegers = false
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (inString) {
      if (char === 0x5c) i++
      else if (char === 0x22) inString = false
    } else if (char >= 0x30 && char <= 0x39) {
      digits++
      if (digits === LONG_INTEGER_DIGITS && !isFraction) longIntegers = true
    } else {
      digits = 0
      isFraction = char === 0x2e
      if (char === 0x22) inString = true
      else if (char === 0x5b || char === 0x7b) deepest = Math.max(deepest, ++depth)
      else if (char === 0x5d || char === 0x7d) depth--
    }
  }
  return { depth: deepest, longIntegers }
}

/**
 * Writes a value as strict JSON that every peer can read, in the form of Python's `json.dumps` (`", "` and `": "`, ASCII
 * only). NaN and the infinities become `null`, a `bigint` its digits, `undefined` becomes `null` (in an object the key is
 * left out); `toJSON` methods are called, as `JSON.stringify` does.
 *
 * @throws {NetgearError} `NETGEAR_DATA_NOT_JSON` for a value that refers to itself or is nested deeper than 99 levels, for
 *   Buffers, typed arrays, ArrayBuffers, Maps and Sets anywhere in it, and for a function or symbol as the whole value.
 */
export function toJson(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (value instanceof JsonText) return value.text
  try {
    const text = write(value, '', 1)
    if (text !== undefined) return text
  } catch (error) {
    if (error instanceof NetgearError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new NetgearError('NETGEAR_DATA_NOT_JSON', `The data cannot be written as JSON: ${reason}`, { cause: error })
  }
  throw new NetgearError(
    'NETGEAR_DATA_NOT_JSON',
    `The data is a ${typeof value}, which JSON cannot hold: give text, a number, a boolean, an array or an object.`,
  )
}

/** A value as it was when it was written as JSON, once and for all: the value may be changed later. */
export class JsonText {
  private constructor(readonly text: string) {}

  /** @throws {NetgearError} `NETGEAR_DATA_NOT_JSON`, see {@link toJson}. */
  static of(value: unknown): JsonText {
    return value instanceof JsonText ? value : new JsonText(toJson(value))
  }
}

function write(value: unknown, key: string, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      return writeNumber(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? 'null' : writeObject(value, key, depth)
    default:
      return undefined
  }
}

/** A number beyond 2^53 is written as the floating-point number that it is: as an integer it would be read as a `bigint`. */
function writeNumber(number: number): string {
  if (!Number.isFinite(number)) return 'null'
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? number.toExponential() : String(number)
}

function writeObject(object: object, key: string, depth: number): string | undefined {
  refuseUnwritable(object, key)
  if (depth > MAX_DATA_DEPTH) {
    throw new NetgearError(
      'NETGEAR_DATA_NOT_JSON',
      `The data refers to itself or is nested deeper than ${MAX_DATA_DEPTH} levels: send a flat copy of what is needed.`,
    )
  }
  if ('toJSON' in object && typeof object.toJSON === 'function') {
    return write(object.toJSON(key), key, depth + 1)
  }
  if (Array.isArray(object)) {
    let text = ''
    for (let i = 0; i < object.length; i++) {
      text += `${i === 0 ? '' : ', '}${write(object[i], key, depth + 1) ?? 'null'}`
    }
    return `[${text}]`
  }
  let text = ''
  for (const [name, member] of Object.entries(object)) {
    const written = write(member, name, depth + 1)
    if (written !== undefined) text += `${text === '' ? '' : ', '}${quote(name)}: ${written}`
  }
  return `{${text}}`
}

/** Printable ASCII without what has to be escaped. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/

/** Told by their tags, since objects made in a Node-RED function node have other constructors than ours. */
const UNWRITABLE_TAGS = new Set(['ArrayBuffer', 'SharedArrayBuffer', 'Map', 'Set'])

function refuseUnwritable(object: object, key: string): void {
  const tag = Object.prototype.toString.call(object).slice('[object '.length, -1)
  if (!ArrayBuffer.isView(object) && !UNWRITABLE_TAGS.has(tag)) return
  const kind = Buffer.isBuffer(object) ? 'Buffer' : tag
  const place = key === '' ? 'is' : `holds, in ${quote(key.slice(0, 80))},`
  const remedy =
    tag === 'Map' || tag === 'Set'
      ? 'turn it into an object or an array'
      : "send a picture as the frame itself, and other bytes as text such as buffer.toString('base64')"
  throw new NetgearError('NETGEAR_DATA_NOT_JSON', `The data ${place} a ${kind}, which JSON cannot hold: ${remedy}.`)
}

function quote(text: string): string {
  if (PLAIN_TEXT.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
