import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(__dirname, '../..')

function codesIn(folder: string): Set<string> {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  const texts = files.map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
  return new Set(texts.flatMap((text) => text.match(/(?<=')NETGEAR_[A-Z0-9_]+(?=')/g) ?? []))
}

test('every error code is in docs/troubleshooting.md, and none that does not exist', () => {
  const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8')
  const told = new Set(page.match(/(?<=`)NETGEAR_[A-Z0-9_]+(?=`)/g))
  const raised = new Set([...codesIn('lib'), ...codesIn('nodes')])
  assert.ok(raised.size > 80)
  assert.deepEqual(
    [...raised].filter((code) => !told.has(code)),
    [],
  )
  assert.deepEqual(
    [...told].filter((code) => !raised.has(code)),
    [],
  )
})
