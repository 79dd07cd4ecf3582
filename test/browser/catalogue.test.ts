import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'

const ROOT = resolve(__dirname, '..', '..')
const NODES = ['netgear-in', 'netgear-out', 'netgear-keys']
// Errors that stop a link, so that a node's status shows them, come from these places.
const SHOWN_IN_STATUS = ['lib/link', 'nodes']
const LANGUAGES = new Set(['editor', ...NODES].flatMap((part) => readdirSync(join(ROOT, 'nodes', part, 'locales'))))
/** Names, and words that are the same in another language. */
const SAME_AS_ENGLISH =
  /^(IronHouse|StoneHouse|Grassland|netgear( in| out| keys)?|imagezmq|Live|Max\. fps|Name|Port|__fps__ fps · __mbits__ Mbit\/s|__where__, __who__, __how__\.)$/
const NEVER_IN_STATUS =
  /_(INVALID|CONSUMER|CLOSED|CONFIRMATION_MISSING|INTERNAL|PUBLIC_KEY_MISMATCH|DATA_\w+|PARTS|TOO_MUCH_DATA|TOO_MANY_TOPICS|FRAME_TOO_LARGE)$/

function sources(folder: string): { path: string; text: string }[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|html)$/.test(path) && !path.includes('locales'))
    .map((path) => ({ path, text: readFileSync(join(ROOT, folder, path), 'utf8') }))
}

function read(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
}

function textsOf(catalogue: object, prefix = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(catalogue).map(([key, value]) =>
      typeof value === 'object' && value !== null
        ? textsOf(value, `${prefix}${key}.`)
        : { [`${prefix}${key}`]: String(value) },
    ),
  )
}

/** All texts of the package in a language by their keys. */
function textsIn(language: string): Record<string, string> {
  const parts = [`editor/locales/${language}/link`, ...NODES.map((node) => `${node}/locales/${language}/${node}`)]
  return Object.assign({}, ...parts.map((part) => textsOf(read(`nodes/${part}.json`))))
}

describe('the catalogue', () => {
  const keys = new Set(Object.keys(textsIn('en-US')))

  test('has every text that a form asks for', () => {
    const asked = sources('nodes').flatMap(({ text }) =>
      [...text.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key ?? ''),
    )
    assert.ok(asked.length > 50)
    assert.deepEqual(
      asked.filter((key) => !keys.has(key)),
      [],
    )
  })

  test('has a status text for every error that can stop a link', () => {
    const codes = SHOWN_IN_STATUS.flatMap(sources)
      .filter(({ path }) => !/\.editor\.|admin|link-status|netgear-(in|out)\//.test(path))
      .flatMap(({ text }) => text.match(/'NETGEAR_[A-Z0-9_]+'/g) ?? [])
      .map((code) => code.slice(1, -1))
    assert.ok(codes.length > 10)
    assert.deepEqual(
      [...new Set(codes)].filter((code) => !NEVER_IN_STATUS.test(code) && !keys.has(`link.status.${code}`)),
      [],
    )
  })
})

for (const language of LANGUAGES) {
  describe(`the texts in ${language}`, () => {
    const english = textsIn('en-US')
    const texts = textsIn(language)
    const text = (key: string) => texts[key] ?? ''

    test('are all there, and none is empty', () => {
      assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort())
      for (const [key, text] of Object.entries(texts)) assert.notEqual(text.trim(), '', key)
    })

    test('have the same values filled in', () => {
      const values = (text: string) => (text.match(/__\w+?__/g) ?? []).sort()
      for (const [key, original] of Object.entries(english)) assert.deepEqual(values(text(key)), values(original), key)
    })

    const untranslated = (key: string) => text(key) === english[key] && !SAME_AS_ENGLISH.test(text(key))
    test('are no English left over', () => {
      assert.deepEqual(language === 'en-US' ? [] : Object.keys(texts).filter(untranslated), [])
    })

    test('call what they refer to by the words that it has in the dialogs', () => {
      for (const [reference, named] of [
        ['step.python-kit', 'netgear-keys.heading.python'],
        ['problem.python-wait', 'link.label.mode'],
        ['problem.python-connect', 'link.label.mode'],
      ] as const) {
        const [, quoted] = text(`link.other-end.${reference}`).match(/[“„「](.+?)[”“」]/) ?? []
        assert.equal(quoted, text(named), reference)
      }
    })

    test('are short where they stand below a node', () => {
      for (const [key, text] of Object.entries(texts)) {
        if (key.startsWith('link.status.')) assert.ok(text.length < 30, `${key}: ${text}`)
      }
    })

    for (const node of NODES) {
      test(`the help of ${node} has the same parts, as Node-RED can show them`, () => {
        const help = (language: string) =>
          readFileSync(join(ROOT, `nodes/${node}/locales/${language}/${node}.html`), 'utf8')
        assert.deepEqual(partsOf(help(language)), partsOf(help('en-US')))
        // A second colon would end a property's description.
        assert.deepEqual(help(language).match(/^: [^:\n]*:[^:\n]*:.*$/gm), null)
        if (language !== 'en-US') {
          const sentences = help(language).match(/^[^:\n#<-].*$/gm) ?? []
          assert.deepEqual(
            sentences.filter((line) => help('en-US').includes(line)),
            [],
          )
        }
      })
    }
  })
}

/** What a help text is made of, apart from its words: headings, outputs, properties, code and addresses. */
function partsOf(help: string): object {
  const all = (pattern: RegExp) => [...help.matchAll(pattern)].map(([, part]) => part)
  return {
    frame: [...all(/^(<script .*>)$/gm), ...all(/^(<\/script>)$/gm)],
    headings: all(/^(#+) \S/gm),
    outputs: all(/^(\d+\.) \S/gm),
    properties: all(/^: (\S+) +\([^)]+\) *: \S/gm),
    code: [...new Set(all(/`([^`]+)`/g))].sort(),
    addresses: all(/\]\((\S+)\) - \S/g),
  }
}
