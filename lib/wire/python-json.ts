import { NetgearError } from './error'
import type { JsonValue } from './json'

/** Python refuses longer ones too, since reading them takes quadratic time (its `sys.set_int_max_str_digits`). */
const MAX_INTEGER_DIGITS = 4300

const WORDS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

const TOKEN = /[-+.\w]*/y
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/**
 * Reads JSON text that may hold what only Python writes: `NaN`, `Infinity`, `-Infinity` and integers beyond 2^53, the
 * latter as `bigint`. It recurses once per level: the caller has checked how deep the text is nested.
 *
 * @throws {NetgearError} `NETGEAR_JSON` with the position of what is wrong.
 */
export function parsePythonExtensions(text: string): JsonValue {
  return new Parser(text).parse()
}

class Parser {
  private position = 0

  constructor(private readonly text: string) {}

  parse(): JsonValue {
    const value = this.value()
    this.skipSpace()
    if (this.position < this.text.length) throw this.unexpected('the end of the text')
    return value
  }

  private value(): JsonValue {
    this.skipSpace()
    switch (this.text[this.position]) {
      case '{':
        return this.object()
      case '[':
        return this.array()
      case '"':
        return this.string()
      default:
        return this.wordOrNumber()
    }
  }

  private object(): JsonValue {
    const object: { [key: string]: JsonValue } = {}
    this.position++
    if (this.take('}')) return object
    do {
      this.skipSpace()
      if (this.text[this.position] !== '"') throw this.unexpected('a key in double quotes')
      const key = this.string()
      this.expect(':')
      setOwn(object, key, this.value())
    } while (this.take(','))
    this.expect('}')
    return object
  }

  private array(): JsonValue {
    const array: JsonValue[] = []
    this.position++
    if (this.take(']')) return array
    do array.push(this.value())
    while (this.take(','))
    this.expect(']')
    return array
  }

  private string(): string {
    const start = this.position
    for (let end = start + 1; end < this.text.length; end++) {
      const char = this.text.charCodeAt(end)
      if (char === 0x5c) end++
      else if (char === 0x22) {
        this.position = end + 1
        return this.unescape(start)
      }
    }
    throw this.unexpected('text that ends with a double quote')
  }

  private unescape(start: number): string {
    try {
      return JSON.parse(this.text.slice(start, this.position)) as string
    } catch {
      this.position = start
      throw this.unexpected('text without control characters and with valid escapes')
    }
  }

  private wordOrNumber(): JsonValue {
    TOKEN.lastIndex = this.position
    const found = TOKEN.exec(this.text)?.[0] ?? ''
    const word = WORDS.get(found)
    const value = word === undefined ? this.number(found) : word
    this.position += found.length
    return value
  }

  private number(digits: string): number | bigint {
    if (!NUMBER.test(digits)) throw this.unexpected('a value')
    const number = Number(digits)
    if (Number.isSafeInteger(number) || /[.eE]/.test(digits)) return number
    if (digits.length > MAX_INTEGER_DIGITS) throw this.unexpected(`an integer of at most ${MAX_INTEGER_DIGITS} digits`)
    return BigInt(digits)
  }

  private take(char: string): boolean {
    this.skipSpace()
    if (this.text[this.position] !== char) return false
    this.position++
    return true
  }

  private expect(char: string): void {
    if (!this.take(char)) throw this.unexpected(JSON.stringify(char))
  }

  private skipSpace(): void {
    while (' \t\n\r'.includes(this.text[this.position] ?? '?')) this.position++
  }

  private unexpected(wanted: string): NetgearError {
    return new NetgearError('NETGEAR_JSON', `Not JSON: ${wanted} was expected at character ${this.position}.`)
  }
}

/** A plain assignment to `__proto__` would change the object's prototype. */
function setOwn(object: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[key] = value
  }
}
