import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../free-port'
import { needs } from '../requirements'
import { Editor } from './editor'

/** What the functions that run in the browser use. */
declare const RED: { actions: { invoke(action: string): void } }

const WORDS = {
  de: {
    summary: (port: string) => `Lauscht auf Port ${port} an 127.0.0.1, lässt alle herein, unverschlüsselt.`,
    tabs: /Einstellungen\s+Live\s+Gegenseite/,
    advanced: 'Erweitert',
    waiting: 'wartet auf Gegenstelle',
    problem: 'Tragen Sie einen Port ein',
    help: /^Empfängt Videobilder/m,
  },
  ja: {
    summary: (port: string) => `127.0.0.1のポート${port}で待ち受けます。誰の接続でも許可します。暗号化されません。`,
    tabs: /設定\s+ライブ\s+相手側/,
    advanced: '詳細設定',
    waiting: 'ピアを待機中',
    problem: 'ポートを入力してください',
    help: /^暗号化された映像フレーム/m,
  },
}

describe('the editor in other languages', needs('chromium'), () => {
  let editor: Editor
  let port: string
  before(async () => {
    port = String(await freePort())
    const place = { z: 'flow', x: 400, y: 120, wires: [[]] }
    const link = { security: 'grassland', mode: 'bind', address: '127.0.0.1', port }
    editor = await Editor.open([
      { id: 'flow', type: 'tab', label: 'Flow' },
      { id: 'in', type: 'netgear-in', ...place, ...link },
    ])
  })
  after(async () => {
    await editor?.close()
  })

  const textOf = async (selector: string) => (await editor.page.textContent(selector)) ?? ''

  for (const [language, words] of Object.entries(WORDS)) {
    test(`${language}: the dialog, the sidebar and the help speak it, and show no key of a text`, async () => {
      await editor.loadIn(language)
      await editor.page.evaluate(() => RED.actions.invoke('netgear:show-links'))
      await editor.page.locator('.netgear-link-state', { hasText: words.waiting }).waitFor()
      assert.equal(await textOf('.netgear-link-name'), `netgear in :${port}`)
      assert.match(await textOf('script[data-help-name="netgear-in"]'), words.help)

      await editor.openDialog('in')
      assert.deepEqual(await editor.untranslated(), [])
      assert.equal(await textOf('#netgear-link-summary'), words.summary(port))
      assert.match(await textOf('.netgear-tabs'), words.tabs)
      assert.equal(await textOf('#netgear-advanced summary'), words.advanced)
      await editor.page.fill('#node-input-port', '')
      await editor.page.press('#node-input-port', 'End')
      assert.equal(await editor.problemWith('#node-input-port'), words.problem)
      await editor.closeDialog('cancel')
    })
  }

  test('all this made no errors in the browser', () => {
    assert.deepEqual(editor.problems, [])
  })
})
