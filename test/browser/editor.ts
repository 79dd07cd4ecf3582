import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { Installation } from '../package/installation'
import { openBrowser, openStillPage } from './chromium'
import { RunningNodeRed } from './node-red'
import { Workspace } from './workspace'

/** What the functions that run in the browser use of the editor. */
declare const RED: { workspaces: { active(): string } }

const OPENS_MS = 3000
/** Node-RED's own debug sidebar, told something of a flow that is not loaded yet. Nothing of ours subscribes to what it hears. */
const UNKNOWN_FLOW =
  /handleDebugMessage|from RED\.comms\.subscribe: TypeError: Cannot read properties of undefined \(reading 'label'\)/

/** A real editor in a real browser, on a Node-RED of its own. */
export class Editor {
  /** What went wrong in the browser: script errors, console errors, failed requests. */
  readonly problems: string[] = []
  readonly nodeRed: RunningNodeRed
  readonly page: Page
  readonly workspace: Workspace
  readonly #browser: Browser

  private constructor(nodeRed: RunningNodeRed, browser: Browser, page: Page) {
    this.nodeRed = nodeRed
    this.#browser = browser
    this.page = page
    this.workspace = new Workspace(page)
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => this.problems.push(`script error: ${error.message}`))
    page.on('console', (message) => {
      const text = message.text()
      if (UNKNOWN_FLOW.test(text)) return
      // Node-RED logs what our functions throw as plain messages.
      if (message.type() === 'error' || /Error|oneditprepare|oneditsave/.test(text))
        this.problems.push(`console: ${text}`)
    })
    page.on('response', (response) => {
      if (response.status() >= 400) this.problems.push(`${response.status()} ${response.url()}`)
    })
  }

  /**
   * @param flows what is deployed already; without any the editor opens on an empty flow
   * @param installation the Node-RED to run, if it matters
   * @param window its size, and how many pixels of a picture are one of it
   */
  static async open(
    flows?: object[],
    { installation, window = {} }: { installation?: Installation; window?: BrowserContextOptions } = {},
  ): Promise<Editor> {
    const nodeRed = await RunningNodeRed.start(flows ?? [{ id: 'flow', type: 'tab', label: 'Flow' }], installation)
    let browser: Browser | undefined
    try {
      browser = await openBrowser()
      const page = await openStillPage(browser, {
        viewport: { width: 1400, height: 1100 },
        locale: 'en-US',
        ...window,
      })
      const editor = new Editor(nodeRed, browser, page)
      await editor.load()
      return editor
    } catch (error) {
      await browser?.close()
      await nodeRed.stop()
      throw error
    }
  }

  /** Loads the editor, or loads it anew. */
  async load(): Promise<void> {
    // The test runner's compiler wraps functions in a call that only exists in its own modules.
    await this.page.addInitScript('globalThis.__name = (f) => f')
    await this.page.goto(this.nodeRed.url)
    await this.page.waitForSelector('.red-ui-palette-node[data-palette-type="netgear-in"]')
    await this.page.waitForFunction(() => Boolean(RED.workspaces.active()))
  }

  /** Loads the editor anew in a language, as if the user had chosen it in the settings. */
  async loadIn(language: string): Promise<void> {
    await this.page.evaluate((language) => localStorage.setItem('editor-language', language), language)
    await this.load()
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.nodeRed.stop()
  }

  /** Adds a node of a type at a place of the workspace, as a user does with control and a click; answers its id. */
  async addNode(type: string, at: { x: number; y: number }): Promise<string> {
    const before = new Set((await this.workspace.nodes()).map(({ id }) => id))
    const chart = await boundsOf(this.page.locator('#red-ui-workspace-chart'))
    const search = this.page.locator('#red-ui-type-search-input')
    // A click that comes while the editor is still closing a dialog does nothing.
    do {
      await this.page.keyboard.down('Control')
      await this.page.mouse.click(chart.x + at.x, chart.y + at.y)
      await this.page.keyboard.up('Control')
    } while (!(await happens(search.waitFor({ state: 'visible', timeout: OPENS_MS }))))
    await search.pressSequentially(type)
    await this.page.locator('#red-ui-type-search li:visible').getByText(`(${type})`).click()
    await this.page.locator('#red-ui-type-search').waitFor({ state: 'hidden' })
    const added = (await this.workspace.nodes()).find((node) => !before.has(node.id) && node.type === type)
    if (!added) throw new Error(`No ${type} was added.`)
    return added.id
  }

  /** Drags a node from the palette to a place of the workspace; answers its id. */
  async dragFromPalette(type: string, at: { x: number; y: number }): Promise<string> {
    const before = new Set((await this.workspace.nodes()).map(({ id }) => id))
    const chart = await boundsOf(this.page.locator('#red-ui-workspace-chart'))
    // Hovering waits until the palette has stopped unfolding.
    await this.page.hover(`.red-ui-palette-node[data-palette-type="${type}"]`)
    await this.page.mouse.down()
    await this.page.mouse.move(chart.x + at.x, chart.y + at.y, { steps: 5 })
    await this.page.mouse.up()
    const added = (await this.workspace.nodes()).find((node) => !before.has(node.id) && node.type === type)
    if (!added) throw new Error(`No ${type} was dropped.`)
    return added.id
  }

  /** Opens a node's dialog by a double click. */
  async openDialog(id: string): Promise<void> {
    await this.dialogClosed()
    const node = this.page.locator(`[id="${id}"] .red-ui-flow-node`).first()
    await node.waitFor({ state: 'attached' })
    // On a busy machine the two clicks may lie so far apart that Node-RED takes them for single ones.
    const tray = this.page.locator('.red-ui-tray').first()
    do {
      const { x, y, width, height } = await boundsOf(node)
      await this.page.mouse.dblclick(x + width / 2, y + height / 2)
    } while (!(await happens(tray.waitFor({ state: 'attached', timeout: OPENS_MS }))))
    await this.dialogOpened('#node-dialog-ok')
  }

  /** Opens the dialog of the keys node chosen in a link's dialog, or of a new one. */
  async openKeysDialog(which: 'edit' | 'add'): Promise<void> {
    await this.page.locator(`#node-input-btn-keys-${which}`).click()
    await this.dialogOpened('#node-config-dialog-ok')
  }

  async closeKeysDialog(button: 'ok' | 'cancel'): Promise<void> {
    await this.page.locator(`#node-config-dialog-${button}`).click()
    await this.page.locator('#node-config-dialog-ok').waitFor({ state: 'detached' })
    await this.dialogOpened('#node-dialog-ok')
  }

  async closeDialog(button: 'ok' | 'cancel'): Promise<void> {
    await this.page.locator(`#node-dialog-${button}`).click()
    await this.dialogClosed()
  }

  /** Presses a button of the warning that is shown, and waits until the warning has gone. */
  async answerWarning(button: string): Promise<void> {
    const warning = this.page.locator('.red-ui-notification')
    await warning.getByRole('button', { name: button }).click()
    await warning.waitFor({ state: 'detached' })
  }

  /**
   * Deploys, and waits until what was deployed runs. A press that comes while the editor is still closing a dialog does nothing, so a
   * person would press again.
   */
  async deploy(): Promise<void> {
    const button = this.page.locator('#red-ui-header-button-deploy')
    const started = this.nodeRed.nextStart()
    await button.click()
    if (!(await happens(this.workspace.deployed(5000)))) {
      await button.click()
      await this.workspace.deployed()
    }
    await started
  }

  /** What the open dialog shows as the key of a catalogue instead of its words. */
  untranslated(): Promise<string[]> {
    return this.page.evaluate(() => {
      const isKey = (text: string) => /^(\S+:)?(link|netgear-\w+)(\.[\w-]+)+$/.test(text)
      const texts = [...document.querySelectorAll('.netgear-form [data-i18n], .netgear-form [title]')].flatMap(
        (element) => [
          element.textContent ?? '',
          element.getAttribute('title') ?? '',
          element.getAttribute('placeholder') ?? '',
        ],
      )
      return texts.filter(isKey)
    })
  }

  /** What the dialog says is wrong with a field, `''` for a valid one. */
  async problemWith(field: string): Promise<string> {
    const id = await this.page.locator(field).getAttribute('id')
    return (await this.page.textContent(`[id="${id}-problem"]`)) ?? ''
  }

  /** Waits until no dialog is left. */
  async dialogClosed(): Promise<void> {
    await this.page.waitForFunction(() => document.querySelector('.red-ui-tray') === null)
    await this.page
      .locator('#red-ui-main-container .red-ui-shade, #red-ui-editor-shade')
      .first()
      .waitFor({ state: 'hidden' })
  }

  /** Waits until the dialog with that button is there, and Node-RED has put the focus into it, which comes last. */
  async dialogOpened(button: string): Promise<void> {
    await this.page.locator(button).waitFor({ state: 'visible' })
    await this.page.waitForFunction(() => {
      const tray = [...document.querySelectorAll<HTMLElement>('.red-ui-tray')].at(-1)
      return tray?.style.right === '0px' && tray.contains(document.activeElement)
    })
  }
}

async function boundsOf(element: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const bounds = await element.boundingBox()
  if (!bounds) throw new Error('The element is not to be seen.')
  return bounds
}

/** Whether what is waited for comes in time. */
function happens(waiting: Promise<void>): Promise<boolean> {
  return waiting.then(
    () => true,
    () => false,
  )
}
