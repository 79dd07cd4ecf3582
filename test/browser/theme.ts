import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { nodeRed5 } from '../package/installation'

/** Shows the editor in Node-RED 5's dark theme. Node-RED 4 has none: there its colours are put in place of the light ones, as themes for it do. */
export async function darken(page: Page): Promise<void> {
  const { nodeRed } = await nodeRed5()
  const client = dirname(createRequire(nodeRed).resolve('@node-red/editor-client/package.json'))
  const style = readFileSync(join(client, 'public', 'red', 'style.min.css'), 'utf8')
  const [, colours] = /html\.nr-theme-dark\{([^}]*)\}/.exec(style) ?? []
  if (!colours) throw new Error('Node-RED 5 keeps its dark colours elsewhere now.')
  await page.addStyleTag({ content: `html.nr-theme-dark{${colours}}` })
  await page.evaluate(() => document.documentElement.classList.add('nr-theme-dark'))
}

export function lighten(page: Page): Promise<void> {
  return page.evaluate(() => document.documentElement.classList.remove('nr-theme-dark'))
}
