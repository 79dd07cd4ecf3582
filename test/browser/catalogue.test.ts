import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'

const ROOT = resolve(__dirname, '..', '..')
const NODES = ['netgear-in', 'netgear-out', 'netgear-keys']
// Errors that stop a link, so that a node's status shows them, come from these places.
const SHOWN_IN_STATUS = ['lib/link', 'nodes']
const NEVER_IN_STATUS = /_(INVALID|CONSUMER|CLOSED|CONFIRMATION_MISSING|INTERNAL|PUBLIC_KEY_MISMATCH|DATA_\w+|PARTS)$/

function sources(folder: string): { path: string; text: string }[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|html)$/.test(path) && !path.includes('locales'))
    .map((path) => ({ path, text: readFileSync(join(ROOT, folder, path), 'utf8') }))
}

function read(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
}

function keysOf(catalogue: object, prefix = ''): string[] {
  return Object.entries(catalogue).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? keysOf(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  )
}

describe('the catalogue', () => {
  const shared = read('nodes/editor/locales/en-US/link.json')
  const keys = new Set(
    [shared, ...NODES.map((node) => read(`nodes/${node}/locales/en-US/${node}.json`))].flatMap((part) => keysOf(part)),
  )

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
