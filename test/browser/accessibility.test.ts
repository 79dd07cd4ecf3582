import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { freePort } from '../free-port'
import { needs } from '../requirements'
import { brokenRules, walkByTab } from './accessibility'
import { Editor } from './editor'
import { darken, lighten } from './theme'

/** What the functions that run in the browser use. */
declare const RED: { actions: { invoke(action: string): void } }

const FORM = '.red-ui-tray .netgear-form'
const own = generateKeyPair()

async function flow(): Promise<object[]> {
  const link = { z: 'flow', x: 200, protocol: 'tcp', pattern: 'pubsub', address: '127.0.0.1' }
  const secure = { ...link, security: 'ironhouse', keys: 'keys', port: String(await freePort()) }
  const clear = { ...link, security: 'grassland', port: String(await freePort()) }
  return [
    { id: 'flow', type: 'tab', label: 'Flow' },
    {
      id: 'keys',
      type: 'netgear-keys',
      name: 'gate',
      source: 'stored',
      publicKey: own.publicKey,
      trusted: [{ name: 'yard-cam', publicKey: generateKeyPair().publicKey }],
      directory: '',
    },
    { ...secure, id: 'in', type: 'netgear-in', y: 60, wires: [[]], name: 'yard', mode: 'bind' },
    { ...secure, id: 'out', type: 'netgear-out', y: 120, wires: [], name: 'cam', mode: 'connect' },
    { ...clear, id: 'clear-in', type: 'netgear-in', y: 180, wires: [[]], name: 'clear', mode: 'bind' },
  ]
}

describe('everybody can use the dialogs', needs('chromium'), () => {
  let editor: Editor
  before(async () => {
    editor = await Editor.open(await flow())
  })
  after(async () => {
    await editor?.close()
  })

  /** Checks what is seen now, in both themes. */
  async function keepsRules(root = FORM): Promise<void> {
    assert.deepEqual(await brokenRules(editor.page, root), [])
    await darken(editor.page)
    assert.deepEqual(await brokenRules(editor.page, root), [], 'in the dark')
    await lighten(editor.page)
  }

  /** The names of what Tab leads to in the open dialog, from its first field to its last. */
  async function tabStops(): Promise<string[]> {
    await editor.page.locator('.red-ui-tray-toolbar .primary').focus()
    do await editor.page.keyboard.press('Tab')
    while (!(await editor.page.evaluate((form) => document.activeElement?.closest(form), FORM)))
    const stops = await walkByTab(editor.page, FORM)
    assert.deepEqual(
      stops.filter(({ focusSeen }) => !focusSeen),
      [],
      'the focus is not seen',
    )
    return stops.map(({ name }) => name.replace(/^(node-(config-)?input|netgear)-/, ''))
  }

  for (const [id, ownFields] of [
    ['in', ['output']],
    [
      'out',
      [
        'peer',
        'red-ui-typedInput-type-select',
        'frame-text',
        'red-ui-typedInput-type-select',
        'data-text',
        'encoding',
        'quality',
      ],
    ],
  ] as const) {
    test(`netgear-${id}: settings, live picture and the other end`, async () => {
      await editor.openDialog(id)
      await keepsRules()
      const link = ['keys', 'btn-keys-edit', 'btn-keys-add', 'pattern', 'mode', 'protocol', 'address', 'port']
      const expected = ['tab-settings', 'security-ironhouse', ...link, ...ownFields, 'summary', 'name']
      assert.deepEqual(await tabStops(), expected)

      await editor.page.click('#netgear-advanced summary')
      await editor.page.check('#netgear-security-grassland')
      await editor.page.fill('#node-input-address', 'tcp://pi')
      await editor.page.fill('#node-input-port', '0')
      await editor.page.fill('#node-input-maxFps', 'fast')
      await editor.page.press('#node-input-maxFps', 'Tab')
      assert.equal(await editor.page.locator('input.input-error:visible').count(), 3)
      await keepsRules()
      await editor.closeDialog('cancel')

      await editor.openDialog(id)
      await editor.page.click('#netgear-tab-live')
      await editor.page.locator('#netgear-live-state', { hasText: 'failed' }).waitFor()
      await keepsRules()
      assert.deepEqual(await tabStops(), ['tab-live', 'live'])
      await editor.page.click('#netgear-tab-other-end')
      await editor.page.locator('#netgear-other-steps li').first().waitFor()
      await keepsRules()
      assert.deepEqual(await tabStops(), [
        'tab-other-end',
        'other-kind',
        'other-own-key',
        'other-copy-key',
        'other-copy',
        'other-text',
      ])
      await editor.closeDialog('cancel')
      assert.equal(await editor.workspace.dirty(), false)
    })
  }

  test('netgear-keys: keys kept by Node-RED, and a key directory', async () => {
    await editor.openDialog('in')
    await editor.openKeysDialog('edit')
    await editor.page.fill('#node-config-input-secretKey', own.secretKey)
    await editor.page.locator('.netgear-peer-note', { hasText: 'Fingerprint' }).waitFor()
    await editor.page.locator('#netgear-copy-public-key:enabled').waitFor()
    const list = ['peer-name', 'peer-key', 'red-ui-editableList-item-remove', 'red-ui-button']
    assert.deepEqual(await tabStops(), [
      'name',
      'source',
      'publicKey',
      'copy-public-key',
      'secretKey',
      'generate',
      'own-certificate',
      ...list,
      'peer-certificate',
      'summary',
    ])

    await editor.page.fill('#node-config-input-secretKey', 'not a key')
    await editor.page.fill('.netgear-peer-key', 'not a key')
    await editor.page.fill('.netgear-peer-name', '')
    await editor.page.click('#netgear-python-peer summary')
    await editor.page.click('#netgear-python-download')
    await editor.page.locator('#netgear-python-note', { hasText: 'name' }).waitFor()
    await keepsRules()

    await editor.page.selectOption('#node-config-input-source', 'directory')
    await editor.page.fill('#node-config-input-directory', editor.nodeRed.userDir)
    await editor.page.locator('#netgear-directory-note', { hasText: 'does not exist' }).waitFor()
    await keepsRules()
    await editor.closeKeysDialog('cancel')
    await editor.closeDialog('cancel')
    assert.equal(await editor.workspace.dirty(), false)
  })

  test('the sidebar with the links', async () => {
    await editor.page.evaluate(() => RED.actions.invoke('netgear:show-links'))
    await editor.page.locator('.netgear-link').nth(2).waitFor()
    await keepsRules('.netgear-sidebar')
    await editor.page.locator('.netgear-link').nth(1).focus()
    await editor.page.keyboard.press('Shift+Tab')
    const stops = await walkByTab(editor.page, '.netgear-sidebar')
    assert.deepEqual(stops, Array(3).fill({ name: 'netgear-link', focusSeen: true }))
  })

  test('all this made no errors in the browser', () => {
    assert.deepEqual(editor.problems, [])
  })
})
