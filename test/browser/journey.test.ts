import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../free-port'
import { PACKAGE, VERSIONS } from '../package/installation'
import { needs } from '../requirements'
import { Editor } from './editor'
import { assertPatches, coloursOf, PATCHES } from './patches'

const TYPES = ['netgear-in', 'netgear-out', 'netgear-keys']
const PUBLIC_KEY = '#node-config-input-publicKey'

/** Only pictures: the user adds the nodes that carry them. */
const FLOW = [
  { id: 'flow', type: 'tab', label: 'Flow' },
  {
    id: 'clock',
    type: 'inject',
    z: 'flow',
    x: 140,
    y: 400,
    wires: [['patches']],
    props: [],
    repeat: '0.1',
    once: true,
    onceDelay: 0.1,
  },
  {
    id: 'patches',
    type: 'function',
    z: 'flow',
    x: 340,
    y: 400,
    wires: [[]],
    outputs: 1,
    func: PATCHES,
    libs: [],
  },
]

describe('from the palette to the picture', { ...needs('chromium'), concurrency: true }, () => {
  for (const [version, installation] of Object.entries(VERSIONS)) {
    describe(version, { concurrency: false }, () => {
      let editor: Editor
      let port: string
      before(async () => {
        editor = await Editor.open(FLOW, { installation: await installation() })
        port = String(await freePort())
      })
      after(async () => {
        await editor?.close()
      })

      const ids = { in: '', out: '' }
      const keys = { in: '', out: '' }
      const press = (...pressed: string[]) =>
        pressed.reduce((before, key) => before.then(() => editor.page.keyboard.press(key)), Promise.resolve())
      const focused = () =>
        editor.page.evaluate(() => document.activeElement?.id || document.activeElement?.className || '')
      const statusOf = (id: string, words: RegExp) =>
        editor.page.locator(`[id="${id}"] .red-ui-flow-node-status-label`, { hasText: words }).waitFor()

      /** Opens the dialog of the node that is nearest to the upper left corner. */
      async function openByKeyboard(): Promise<void> {
        await press('Escape', 'ArrowRight', 'Enter')
        await editor.dialogOpened('#node-dialog-ok')
      }

      /** Tabs until an element has the focus, as somebody who has no mouse. */
      async function tabTo(element: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
        const passed: string[] = []
        while (!(await editor.page.evaluate((selector) => document.activeElement?.matches(selector), element))) {
          assert.ok(passed.length < 60, `${element} was not reached; passed ${passed.join(', ')}`)
          await press(key)
          passed.push(await focused())
        }
      }

      /** Fills in a link's dialog, lets a new keys node make its key pair, and answers the public key. */
      async function configure(id: string, keysName: string, trust?: { name: string; key: string }): Promise<string> {
        await editor.openDialog(id)
        await editor.page.fill('#node-input-port', port)
        await editor.page.fill('#node-input-address', '127.0.0.1')
        await editor.openKeysDialog('add')
        await editor.page.waitForFunction(
          (field) => document.querySelector<HTMLInputElement>(field)?.value !== '',
          PUBLIC_KEY,
        )
        const publicKey = await editor.page.inputValue(PUBLIC_KEY)
        await editor.page.fill('#node-config-input-name', keysName)
        if (trust) {
          await editor.page.click('#netgear-trusted .red-ui-editableList-addButton')
          await editor.page.fill('.netgear-peer-name', trust.name)
          await editor.page.fill('.netgear-peer-key', trust.key)
        }
        await editor.closeKeysDialog('ok')
        await editor.closeDialog('ok')
        return publicKey
      }

      test('all three node sets load without an error', async () => {
        const answer = await fetch(`${editor.nodeRed.url}nodes`, { headers: { accept: 'application/json' } })
        const sets = (await answer.json()) as { module: string; types: string[]; enabled: boolean; err?: string }[]
        const ours = sets.filter(({ module }) => module === PACKAGE)
        assert.deepEqual(ours.flatMap(({ types }) => types).sort(), [...TYPES].sort())
        for (const { enabled, err } of ours) assert.deepEqual({ enabled, err }, { enabled: true, err: undefined })
      })

      test('the palette shows the in and the out node, in the network category, with their icons', async () => {
        for (const type of ['netgear-in', 'netgear-out']) {
          const node = editor.page.locator(`#red-ui-palette-network .red-ui-palette-node[data-palette-type="${type}"]`)
          const label = (await node.locator('.red-ui-palette-label').textContent()) ?? ''
          assert.equal(label.replace(/\s+/g, ' '), type.replace('-', ' '))
          const image = await node.locator('.red-ui-palette-icon').first().getAttribute('style')
          assert.match(image ?? '', new RegExp(`icons/${PACKAGE}/${type}\\.svg`))
        }
      })

      test('each node has an icon of its own, and a help text', async () => {
        const drawings = new Set<string>()
        for (const type of TYPES) {
          const drawing = await (await fetch(`${editor.nodeRed.url}icons/${PACKAGE}/${type}.svg`)).text()
          assert.match(drawing, /width="40" height="60"/)
          drawings.add(drawing)
          const help = await editor.page.locator(`script[data-help-name="${type}"]`).first().textContent()
          assert.match(help ?? '', /### Details/)
        }
        assert.equal(drawings.size, TYPES.length)
      })

      test('both nodes are dragged from the palette, configured, and their keys made', async () => {
        ids.in = await editor.dragFromPalette('netgear-in', { x: 200, y: 80 })
        ids.out = await editor.dragFromPalette('netgear-out', { x: 500, y: 80 })
        keys.in = await configure(ids.in, 'gate keys')
        keys.out = await configure(ids.out, 'cam keys', { name: 'gate', key: keys.in })
        assert.notEqual(keys.in, keys.out)
        for (const id of [ids.in, ids.out]) assert.equal((await editor.workspace.node(id)).valid, true)
        await editor.workspace.wire('patches', 0, ids.out)
        await editor.deploy()
      })

      test('a peer that is not trusted is refused, and both ends show it', async () => {
        await statusOf(ids.out, /refused/)
        await editor.openDialog(ids.in)
        await editor.page.click('#netgear-tab-live')
        await editor.page.locator('#netgear-live-events', { hasText: 'refused' }).waitFor()
        assert.equal(await editor.page.isVisible('#netgear-live-picture'), false)
        await editor.closeDialog('cancel')
        assert.equal(await editor.workspace.dirty(), false)
      })

      test('by keyboard alone the peer is trusted and the flow deployed', async () => {
        await openByKeyboard()
        await tabTo('#netgear-security-ironhouse')
        await press('ArrowDown')
        assert.equal(await editor.page.inputValue('#node-input-security'), 'stonehouse')
        await press('ArrowUp')
        await tabTo('#node-input-btn-keys-edit')
        await press('Enter')
        await editor.dialogOpened('#node-config-dialog-ok')
        await tabTo('#netgear-trusted .red-ui-editableList-addButton')
        await press('Enter')
        await editor.page.locator('.netgear-peer-name:focus').waitFor()
        await editor.page.keyboard.type('cam')
        await press('Tab')
        await editor.page.keyboard.insertText(keys.out)
        await editor.page.locator('.netgear-peer-note', { hasText: 'Fingerprint' }).waitFor()
        await tabTo('#node-config-dialog-ok', 'Shift+Tab')
        await press('Enter')
        await editor.page.locator('#node-config-dialog-ok').waitFor({ state: 'detached' })
        await editor.dialogOpened('#node-dialog-ok')
        assert.equal(await focused(), 'node-input-btn-keys-edit')
        await tabTo('#node-dialog-ok', 'Shift+Tab')
        await press('Enter')
        await editor.dialogClosed()
        await press('Control+d')
        await editor.workspace.deployed()
      })

      test('the frames are seen in the preview', async () => {
        await statusOf(ids.in, /fps/)
        await openByKeyboard()
        await tabTo('#netgear-tab-settings')
        await press('ArrowRight')
        await editor.page.locator('#netgear-live-picture.netgear-picture-shown').waitFor()
        const picture = await coloursOf(editor.page, '#netgear-live-picture')
        assert.deepEqual(picture.size, [320, 240])
        assertPatches(picture)
        assert.equal(await editor.page.textContent('#netgear-live-state'), 'connected')
        await editor.page.locator('#netgear-live-peers', { hasText: 'cam' }).waitFor()
        await press('Control+Escape')
        await editor.dialogClosed()
        assert.equal(await editor.workspace.dirty(), false)
      })

      test('all this made no errors in the browser', () => {
        assert.deepEqual(editor.problems, [])
      })
    })
  }
})
