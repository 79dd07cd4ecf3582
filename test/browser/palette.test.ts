import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { needs } from '../requirements'
import { Editor } from './editor'

const TYPES = ['netgear-in', 'netgear-out', 'netgear-keys']

describe('the nodes in the editor', needs('chromium'), () => {
  let editor: Editor
  before(async () => {
    editor = await Editor.open()
  })
  after(async () => {
    await editor?.close()
  })

  test('all three node sets load without an error', async () => {
    const answer = await fetch(`${editor.nodeRed.url}nodes`, { headers: { accept: 'application/json' } })
    const sets = (await answer.json()) as { module: string; types: string[]; enabled: boolean; err?: string }[]
    const ours = sets.filter(({ module }) => module === '@ironhouse/node-red-netgear')
    assert.deepEqual(ours.flatMap(({ types }) => types).sort(), [...TYPES].sort())
    for (const { enabled, err } of ours) assert.deepEqual({ enabled, err }, { enabled: true, err: undefined })
  })

  test('the palette shows the in and the out node, in the network category, with their icons', async () => {
    for (const type of ['netgear-in', 'netgear-out']) {
      const node = editor.page.locator(`#red-ui-palette-network .red-ui-palette-node[data-palette-type="${type}"]`)
      const label = (await node.locator('.red-ui-palette-label').textContent()) ?? ''
      assert.equal(label.replace(/\s+/g, ' '), type.replace('-', ' '))
      const image = await node.locator('.red-ui-palette-icon').first().getAttribute('style')
      assert.match(image ?? '', new RegExp(`icons/@ironhouse/node-red-netgear/${type}\\.svg`))
    }
  })

  test('each icon is served as the drawing of its own', async () => {
    const drawings = new Set<string>()
    for (const type of TYPES) {
      const answer = await fetch(`${editor.nodeRed.url}icons/@ironhouse/node-red-netgear/${type}.svg`)
      const drawing = await answer.text()
      assert.match(drawing, /width="40" height="60"/)
      drawings.add(drawing)
    }
    assert.equal(drawings.size, TYPES.length)
  })

  test('each node has a help text', async () => {
    for (const type of TYPES) {
      const help = await editor.page.locator(`script[data-help-name="${type}"]`).first().textContent()
      assert.match(help ?? '', /### Details/)
    }
  })

  test('loading the editor made no errors', () => {
    assert.deepEqual(editor.problems, [])
  })
})
