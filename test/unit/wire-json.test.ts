import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { type JsonValue, MAX_JSON_DEPTH, parsePythonJson, toJson } from '../../lib/wire/json'
import { parsePythonExtensions } from '../../lib/wire/python-json'

const notJson = { name: 'NetgearError', code: 'NETGEAR_JSON' }
const notWritable = { name: 'NetgearError', code: 'NETGEAR_DATA_NOT_JSON' }

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

describe('reading JSON as Python does', () => {
  test('NaN and the infinities are numbers', () => {
    const value = parsePythonJson('{"a": NaN, "b": [Infinity, -Infinity], "c": "NaN"}')
    assert.deepEqual(value, { a: Number.NaN, b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], c: 'NaN' })
  })

  test('integers are exact, whatever their size', () => {
    const text = '[9007199254740991, 9007199254740992, 9007199254740993, -12345678901234567890123]'
    const expected = [9007199254740991, 9007199254740992n, 9007199254740993n, -12345678901234567890123n]
    assert.deepEqual(parsePythonJson(text), expected)
    assert.equal(parsePythonJson('9007199254740993'), 9007199254740993n)
    const limit = '9'.repeat(4300)
    assert.equal(parsePythonJson(limit), BigInt(limit))
    assert.throws(() => parsePythonJson(`${limit}9`), notJson)
  })

  test('numbers with a fraction or an exponent stay numbers', () => {
    for (const number of ['0.1234567890123456789', '12345678901234567890.5', '1e400', '12345678901234567890e2']) {
      assert.equal(parsePythonJson(number), Number(number))
    }
  })

  for (const [parser, suffix] of [
    ['plain', ''],
    ['with Python extensions', ', "nan": NaN'],
  ] as const) {
    test(`__proto__ is a key like any other (${parser})`, () => {
      const value = parsePythonJson(`{"__proto__": {"polluted": true}${suffix}}`) as { [key: string]: JsonValue }
      assert.equal(Object.getPrototypeOf(value), Object.prototype)
      assert.ok(Object.hasOwn(value, '__proto__'))
      assert.equal(value.polluted, undefined)
      assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    })

    test(`nesting is limited (${parser})`, () => {
      const inner = suffix && 'NaN'
      const text = (depth: number) => '['.repeat(depth) + inner + ']'.repeat(depth)
      assert.doesNotThrow(() => parsePythonJson(text(MAX_JSON_DEPTH)))
      assert.throws(() => parsePythonJson(text(MAX_JSON_DEPTH + 1)), notJson)
      assert.throws(() => parsePythonJson('[{"a":'.repeat(200_000)), notJson)
    })
  }

  test('brackets in strings are no nesting, brackets side by side neither', () => {
    const text = `{"text": "${'['.repeat(200)}\\"${'{'.repeat(200)}", "list": [${'[],'.repeat(200)}{}]}`
    assert.deepEqual(parsePythonJson(text), JSON.parse(text))
  })

  for (const text of [
    '',
    ' ',
    '{',
    '[1,]',
    '[1 2]',
    '{"a" 1}',
    '{a: 1}',
    '{"a": 1,}',
    "'a'",
    '"a',
    '"\u0001"',
    '"\\x"',
    '"\\u12g4"',
    '01',
    '-',
    '1.',
    '.5',
    '+1',
    '0x10',
    'nan',
    '+Infinity',
    '-NaN',
    'NaN NaN',
    '[NaN',
    '[NaN}',
    '{"a": NaN]',
    'undefined',
    '\ufeff1',
  ]) {
    test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => parsePythonJson(text), notJson))
  }

  test('the error tells the place', () => {
    assert.throws(() => parsePythonJson('{"a": NaN, b}'), { message: /a key in double quotes.*character 11/ })
    assert.throws(() => parsePythonJson('[1, 2'), { message: /"\]" was expected at character 5/ })
  })

  test('both parsers read the same from what both can read', () => {
    const spaces = fc.constantFrom('', ' ', '\n', '\t')
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), spaces, (value, space) => {
        const text = space + JSON.stringify(value, null, space) + space
        assert.deepEqual(rounded(parsePythonExtensions(text)), JSON.parse(text))
        assert.deepEqual(parsePythonJson(text), parsePythonExtensions(text))
      }),
      { numRuns: 300 },
    )
  })

  test('any text gives a value or a NetgearError, and never anything that JSON.parse reads differently', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'a',
      '__proto__',
      '1',
      '-',
      '.',
      'e',
      'NaN',
      'Infinity',
      ' ',
      'null',
    ]
    const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((found) => found.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (text) => {
        let standard: unknown
        try {
          standard = JSON.parse(text)
        } catch {
          standard = undefined
        }
        try {
          const value = parsePythonExtensions(text)
          if (standard !== undefined) assert.deepEqual(rounded(value), standard)
          else assert.match(text, /NaN|Infinity/)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'NETGEAR_JSON')
          assert.equal(standard, undefined)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('writing JSON that every peer can read', () => {
  test('what JSON has no word for becomes null', () => {
    assert.equal(toJson(undefined), 'null')
    assert.equal(toJson(null), 'null')
    const value = { a: Number.NaN, b: [Number.POSITIVE_INFINITY, undefined, () => 1], c: undefined, d: () => 1 }
    assert.equal(toJson(value), '{"a": null, "b": [null, null, null]}')
  })

  test('it has the form of json.dumps: spaces after separators, ASCII only', () => {
    assert.equal(
      toJson({ 'é"': ['☃', '😀', '\u007f', '\n', '\ud800'], b: {}, c: [] }),
      '{"\\u00e9\\"": ["\\u2603", "\\ud83d\\ude00", "\\u007f", "\\n", "\\ud800"], "b": {}, "c": []}',
    )
  })

  test('big integers are written with all their digits', () => {
    assert.equal(toJson([-12345678901234567890123n, 9007199254740991]), '[-12345678901234567890123, 9007199254740991]')
  })

  test('a number beyond 2^53 stays a number for its reader, and a float for Python', () => {
    assert.equal(toJson([2 ** 53, -1e20, 1e300]), '[9.007199254740992e+15, -1e+20, 1e+300]')
    assert.deepEqual(parsePythonJson(toJson([2 ** 53, -1e20])), [2 ** 53, -1e20])
  })

  test('toJSON methods are called', () => {
    assert.equal(toJson({ at: new Date(0) }), '{"at": "1970-01-01T00:00:00.000Z"}')
  })

  test('a value that refers to itself is refused', () => {
    const loop: { self?: unknown; other?: unknown } = {}
    loop.self = [loop, loop]
    loop.other = loop
    assert.throws(() => toJson(loop), notWritable)
    const endless = { toJSON: () => endless }
    assert.throws(() => toJson(endless), notWritable)
  })

  test('data fits into a header: one level less than a reader accepts', () => {
    const deepest = JSON.parse(nested(MAX_JSON_DEPTH - 1)) as unknown
    assert.deepEqual(parsePythonJson(`{"message": ${toJson(deepest)}}`), { message: deepest })
    assert.throws(() => toJson([deepest]), notWritable)
  })

  const fromFunctionNode: unknown = runInNewContext('({ bytes: new ArrayBuffer(3), map: new Map() })')
  for (const [name, value] of Object.entries({
    Buffer: Buffer.from('abc'),
    Uint8Array: new Uint8Array(3),
    Float64Array: { deep: [new Float64Array(1)] },
    ArrayBuffer: new ArrayBuffer(3),
    Map: { map: new Map([[1, 2]]) },
    Set: [new Set([1])],
    'ArrayBuffer of': (fromFunctionNode as { bytes: unknown }).bytes,
    'Map of': [(fromFunctionNode as { map: unknown }).map],
  })) {
    test(`a ${name}${name.endsWith('of') ? ' another realm' : ''} is refused, with what to do instead`, () => {
      assert.throws(() => toJson(value), {
        ...notWritable,
        message: new RegExp(`${name.split(' ')[0]}.*: (send|turn)`),
      })
    })
  }

  test('the error names the key that holds the bytes', () => {
    assert.throws(() => toJson({ list: [{ image: Buffer.alloc(1) }] }), { message: /"image".* Buffer/ })
  })

  test('functions, symbols and throwing getters are refused with the same code', () => {
    const bad = {
      get value(): never {
        throw new TypeError('not today')
      },
    }
    assert.throws(() => toJson(() => 1), notWritable)
    assert.throws(() => toJson(Symbol('s')), notWritable)
    assert.throws(() => toJson(bad), { ...notWritable, message: /not today/ })
  })

  test('every peer reads what JSON.stringify would have given', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 4, withDate: true }), (value) => {
        let expected: string | undefined
        try {
          expected = JSON.stringify(value) ?? 'null'
        } catch {
          expected = undefined
        }
        let written: string
        try {
          written = toJson(value)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'NETGEAR_DATA_NOT_JSON')
          return
        }
        assert.match(written, /^[ -~]*$/)
        if (expected !== undefined) assert.deepEqual(JSON.parse(written), JSON.parse(expected))
      }),
      { numRuns: 500 },
    )
  })

  test('what is written is read back, big integers and all', () => {
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(
          fc.jsonValue({ maxDepth: 0 }),
          fc.bigInt().filter((n) => !Number.isSafeInteger(Number(n))),
        ) as fc.Arbitrary<JsonValue>,
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(value, (written) => assert.deepEqual(parsePythonJson(toJson(written)), withoutNegativeZero(written))),
      { numRuns: 300 },
    )
  })
})

/** With big integers as JSON.parse gives them. */
function rounded(value: JsonValue): JsonValue {
  return mapped(value, (leaf) => (typeof leaf === 'bigint' ? Number(leaf) : leaf))
}

/** JSON.stringify writes -0 as 0, and so do we. */
function withoutNegativeZero(value: JsonValue): JsonValue {
  return mapped(value, (leaf) => (leaf === 0 ? 0 : leaf))
}

function mapped(value: JsonValue, leaf: (value: JsonValue) => JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return leaf(value)
  if (Array.isArray(value)) return value.map((member) => mapped(member, leaf))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapped(member, leaf)]))
}
