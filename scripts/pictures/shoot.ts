import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { Editor } from '../../test/browser/editor'
import { freePort } from '../../test/free-port'
import { nodeRed4 } from '../../test/package/installation'
import { picturedFlow } from './flow'
import { type Scene, scene } from './scene'

declare const RED: {
  actions: { invoke(action: string): void }
  workspaces: { show(id: string): void }
}

const WINDOW = { viewport: { width: 1310, height: 580 }, deviceScaleFactor: 2 }
const FRAMES = 45
const PATIENCE_MS = 30_000
const IN_MOTION = /1[456]\.\d fps/

type Save = (picture: Buffer) => Promise<unknown>

/**
 * Runs two cameras through a real Node-RED, always the checkout's own, and pictures what its editor shows of them.
 *
 * @param folder where the pictures go: live.png, keys.png and links.png
 * @param effort how hard to look for the smallest file, 1 to 10
 */
export async function shootPictures(folder: string, effort = 10): Promise<void> {
  const videos = mkdtempSync(join(tmpdir(), 'netgear-pictures-'))
  const camera = async (name: Scene) => {
    const video = join(videos, `${name}.mjpeg`)
    writeFileSync(video, Buffer.concat(await scene(name, FRAMES)))
    return { port: await freePort(), video }
  }
  const saveAs =
    (name: string): Save =>
    (picture) => {
      // In the few colours that a user interface needs.
      return sharp(picture)
        .png({ palette: true, dither: 0.4, effort })
        .toFile(join(folder, `${name}.png`))
    }
  const editor = await Editor.open([], { installation: nodeRed4(), window: WINDOW })
  editor.page.setDefaultTimeout(PATIENCE_MS)
  try {
    await deploy(editor, picturedFlow({ yard: await camera('yard'), gate: await camera('gate') }))
    await shootLive(editor, saveAs('live'))
    await shootKeys(editor, saveAs('keys'))
    await shootLinks(editor, saveAs('links'))
  } finally {
    await editor.close()
    rmSync(videos, { recursive: true })
  }
}

/** Through the same door as the editor's Deploy button, which puts the secret keys into Node-RED's credentials. */
async function deploy(editor: Editor, flow: object[]): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${editor.nodeRed.url}flows`, { method: 'POST', headers, body: JSON.stringify(flow) })
  if (!answer.ok) throw new Error(`The flow cannot be deployed: ${answer.status} ${await answer.text()}`)
  await editor.load()
  await editor.page.evaluate(() => {
    RED.workspaces.show('yard')
    for (const action of ['core:toggle-palette', 'core:toggle-sidebar', 'core:restart-flows'])
      RED.actions.invoke(action)
  })
  // The workspace is as much what the picture is about as the dialog beside it.
  const covers = '.red-ui-shade, [id$=-shade], .red-ui-notification'
  await editor.page.addStyleTag({ content: `${covers} { opacity: 0 !important }` })
}

/** The flow with its status, and the dialog of the node that receives. */
async function shootLive(editor: Editor, save: Save): Promise<void> {
  const { page } = editor
  await editor.openDialog('yard-netgear-in')
  await page.click('#netgear-tab-live')
  await page.locator('#netgear-live-speed', { hasText: IN_MOTION }).waitFor()
  await page.locator('#netgear-live-latency', { hasText: 'half within' }).waitFor()
  await page.locator('.red-ui-flow-node-status-label:visible', { hasText: IN_MOTION }).nth(1).waitFor()
  await page.locator('#netgear-live-picture.netgear-picture-shown').waitFor()
  await shoot(page, save)
}

async function shootKeys(editor: Editor, save: Save): Promise<void> {
  await editor.page.click('#netgear-tab-settings')
  await editor.page.setViewportSize({ width: 1310, height: 800 })
  await editor.openKeysDialog('edit')
  await editor.page.locator('.netgear-peer-note', { hasText: 'Fingerprint' }).last().waitFor()
  await shoot(editor.page.locator('.red-ui-tray').last(), save)
  await editor.closeKeysDialog('cancel')
  await editor.closeDialog('cancel')
}

/** All links at a glance, in the sidebar. */
async function shootLinks({ page }: Editor, save: Save): Promise<void> {
  await page.setViewportSize({ width: 1310, height: 518 })
  await page.evaluate(() => RED.actions.invoke('core:toggle-sidebar'))
  await page.evaluate(() => RED.actions.invoke('netgear:show-links'))
  await page.locator('.netgear-link img.netgear-picture-shown').nth(3).waitFor()
  await page.mouse.move(0, 0)
  await shoot(page.locator('#red-ui-sidebar'), save)
}

async function shoot(part: Page | Locator, save: Save): Promise<void> {
  await save(await part.screenshot({ animations: 'disabled' }))
}
