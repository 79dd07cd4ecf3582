import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Page } from 'playwright-core'
import { freePort } from '../free-port'
import { needs } from '../requirements'
import { Editor } from './editor'
import { assertPatches, coloursOf, PATCHES } from './patches'

/** What the functions that run in the browser use. */
declare const RED: {
  actions: { invoke(action: string): void }
  sidebar: { show(tab: string): void }
  nodes: { node(id: string): object }
}
declare global {
  interface Window {
    pictureUrls: Set<string>
  }
}

/** The receiver has a second port, at which nobody comes. */
async function flow(port: number, idlePort: number): Promise<object[]> {
  const link = { z: 'flow', security: 'grassland', pattern: 'reqrep', address: '127.0.0.1', protocol: 'tcp' }
  const ports = `${port},${idlePort}`
  return [
    { id: 'flow', type: 'tab', label: 'Flow' },
    {
      ...link,
      id: 'in',
      type: 'netgear-in',
      x: 600,
      y: 120,
      wires: [[]],
      name: 'yard',
      mode: 'bind',
      port: ports,
      output: 'asis',
    },
    {
      ...link,
      id: 'out',
      type: 'netgear-out',
      x: 600,
      y: 60,
      wires: [],
      name: 'cam',
      mode: 'connect',
      port: `${port}`,
    },
    {
      id: 'clock',
      type: 'inject',
      z: 'flow',
      x: 140,
      y: 60,
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
      y: 60,
      wires: [['out']],
      outputs: 1,
      func: PATCHES,
      libs: [],
    },
  ]
}

/** Counts what the page asks the server for, and which pictures it holds. */
async function watchRequests(page: Page): Promise<{ pictures(): number; figures(): number }> {
  let [pictures, figures] = [0, 0]
  page.on('request', (request) => {
    if (request.url().includes('/netgear/preview/')) pictures += 1
    if (request.url().includes('/netgear/links')) figures += 1
  })
  await page.evaluate(() => {
    window.pictureUrls = new Set()
    const create = URL.createObjectURL
    const revoke = URL.revokeObjectURL
    URL.createObjectURL = (content) => {
      const url = create.call(URL, content)
      if (content instanceof Blob && content.type === 'image/jpeg') window.pictureUrls.add(url)
      return url
    }
    URL.revokeObjectURL = (url) => {
      window.pictureUrls.delete(url)
      revoke.call(URL, url)
    }
  })
  return { pictures: () => pictures, figures: () => figures }
}

describe('the live preview', needs('chromium'), () => {
  let editor: Editor
  let port: number
  let idlePort: number
  let asked: Awaited<ReturnType<typeof watchRequests>>
  before(async () => {
    port = await freePort()
    idlePort = await freePort()
    editor = await Editor.open(await flow(port, idlePort))
    asked = await watchRequests(editor.page)
  })
  after(async () => {
    await editor?.close()
  })

  const shown = (image: string) => editor.page.locator(`${image}.netgear-picture-shown`).waitFor()
  const textOf = async (id: string) => (await editor.page.textContent(id)) ?? ''
  const asks = (what: '/netgear/links' | '/netgear/preview/') =>
    editor.page.waitForRequest((request) => request.url().includes(what))
  const picturesHeld = () => editor.page.evaluate(() => window.pictureUrls.size)

  test('nothing is asked for before somebody looks', async () => {
    await editor.openDialog('in')
    await editor.closeDialog('cancel')
    assert.deepEqual([asked.pictures(), asked.figures()], [0, 0])
  })

  for (const id of ['in', 'out']) {
    test(`netgear-${id}: the dialog shows the newest frame, its figures and the last events`, async () => {
      const before = await editor.workspace.exported()
      await editor.openDialog(id)
      await editor.page.click('#netgear-tab-live')
      await shown('#netgear-live-picture')
      assert.deepEqual(await editor.untranslated(), [])
      const colours = await coloursOf(editor.page, '#netgear-live-picture')
      assert.deepEqual(colours.size, [320, 240])
      assertPatches(colours)
      await editor.page.locator('#netgear-live-speed', { hasText: /\d+\.\d fps · \d/ }).waitFor()
      assert.equal(await textOf('#netgear-live-state'), 'connected')
      const peers = await textOf('#netgear-live-peers')
      if (id === 'out') assert.equal(peers, '127.0.0.1')
      else {
        const [busy = '', idle] = peers.split('\n')
        assert.ok(/^\d+: 127\.0\.0\.1 · [\d.]+ fps$/.test(busy) && busy.startsWith(`${port}: `), busy)
        assert.equal(idle, `${idlePort}: nobody`)
        const choices = await editor.page.locator('#netgear-live-port option').allTextContents()
        assert.deepEqual(choices, [String(port), String(idlePort)])
        assert.equal(await editor.page.inputValue('#netgear-live-port'), String(port))
        await editor.page.selectOption('#netgear-live-port', String(idlePort))
        await editor.page.locator('#netgear-live-picture:not(.netgear-picture-shown)').waitFor({ state: 'attached' })
        await editor.page.selectOption('#netgear-live-port', String(port))
        await shown('#netgear-live-picture')
      }
      assert.equal(await editor.page.isVisible('#netgear-live-port'), id === 'in')
      assert.match(await textOf('#netgear-live-frame'), /^640 × 480, JPEG, \d+ kB$/)
      assert.match(await textOf('#netgear-live-latency'), /half within [\d.]+\sms, 99\s% within [\d.]+\sms/)
      assert.match(await textOf('#netgear-live-losses'), /^\d+\sdropped, \d+\slost, 0\sinvalid$/)
      assert.match(await textOf('#netgear-live-events'), id === 'in' ? /\d{4,5}: connected: / : /connected: /)
      await editor.closeDialog('cancel')
      assert.equal(await picturesHeld(), 0)
      assert.equal(await editor.workspace.exported(), before)
      assert.equal(await editor.workspace.dirty(), false)
    })
  }

  test('at most ten pictures per second, none on another tab, none after closing', async () => {
    await editor.openDialog('in')
    await editor.page.click('#netgear-tab-live')
    await shown('#netgear-live-picture')
    const [from, began] = [asked.pictures(), performance.now()]
    for (let round = 0; round < 10; round += 1) await asks('/netgear/preview/')
    const rate = ((asked.pictures() - from) / (performance.now() - began)) * 1000
    assert.ok(rate <= 11.5, `${rate} per second`)

    await editor.page.click('#netgear-tab-settings')
    assert.equal(await editor.page.isVisible('#netgear-live'), false)
    await nothingAsked()
    await editor.page.click('#netgear-tab-live')
    await asks('/netgear/preview/')
    await editor.closeDialog('ok')
    await nothingAsked()
  })

  /** Waits out what is under way: there has to come a time, longer than any interval, without a question. */
  async function nothingAsked(): Promise<void> {
    for (let tries = 0; tries < 3; tries += 1) {
      const before = [asked.pictures(), asked.figures()]
      await editor.page.waitForTimeout(1300)
      if (isDeepStrictEqual([asked.pictures(), asked.figures()], before)) return
    }
    assert.fail('The preview goes on asking.')
  }

  test('a node that does not run yet says so', async () => {
    const id = await editor.addNode('netgear-in', { x: 250, y: 300 })
    await editor.openDialog(id)
    await editor.page.click('#netgear-tab-live')
    await editor.page.locator('#netgear-live-note', { hasText: 'does not run yet' }).waitFor()
    assert.equal(await editor.page.isVisible('.netgear-live'), false)
    await editor.closeDialog('cancel')
    await editor.page.evaluate((node) => Object.assign(RED.nodes.node(node), { d: true }) && undefined, id)
    await editor.openDialog(id)
    await editor.page.click('#netgear-tab-live')
    await editor.page.locator('#netgear-live-note', { hasText: 'is disabled' }).waitFor()
    await editor.page.click('#node-dialog-delete')
  })

  test('the tabs are there for the keyboard', async () => {
    await editor.openDialog('out')
    await editor.page.focus('#netgear-tab-settings')
    await editor.page.keyboard.press('ArrowRight')
    assert.equal(await editor.page.getAttribute('#netgear-tab-live', 'aria-selected'), 'true')
    await shown('#netgear-live-picture')
    await editor.page.keyboard.press('ArrowLeft')
    await editor.page.keyboard.press('ArrowLeft')
    const focused = await editor.page.evaluate(() => document.activeElement?.id)
    assert.equal(focused, 'netgear-tab-other-end')
    assert.equal(await editor.page.isVisible('#netgear-other-end'), true)
    await editor.closeDialog('cancel')
  })

  test('the sidebar shows all links while it is open, and leads to their nodes', async () => {
    await editor.page.evaluate(() => RED.actions.invoke('netgear:show-links'))
    for (const [id, name] of [
      ['in', 'yard'],
      ['out', 'cam'],
    ] as const) {
      const row = `.netgear-link[data-node="${id}"]`
      await shown(`${row} img`)
      assertPatches(await coloursOf(editor.page, `${row} img`))
      const text = await textOf(row)
      assert.ok(text.startsWith(name), text)
      assert.match(text, /connected\d+\.\d fps/)
    }
    await editor.page.click('.netgear-link[data-node="out"]')
    await editor.page.locator('.red-ui-flow-node-highlighted').waitFor({ state: 'attached' })

    await editor.page.evaluate(() => RED.sidebar.show('info'))
    await nothingAsked()
    await editor.page.evaluate(() => RED.actions.invoke('netgear:show-links'))
    await asks('/netgear/links')
    await editor.page.evaluate(() => RED.sidebar.show('info'))
  })

  test('a link that is gone leaves the sidebar with the next deploy', async () => {
    await editor.page.evaluate(() => RED.actions.invoke('netgear:show-links'))
    await editor.page.locator('.netgear-link[data-node="out"]').waitFor()
    await editor.openDialog('out')
    await editor.page.click('#node-dialog-delete')
    await editor.deploy()
    await editor.page.locator('.netgear-link[data-node="out"]').waitFor({ state: 'detached' })
    await editor.page.locator('.netgear-link[data-node="in"]').waitFor()
  })

  test('all this made no errors in the browser', () => {
    assert.deepEqual(editor.problems, [])
  })
})
