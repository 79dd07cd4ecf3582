import { type Browser, type BrowserContextOptions, type BrowserServer, chromium, type Page } from 'playwright-core'
import { CHROMIUM } from '../requirements'

const OPTIONS = {
  executablePath: CHROMIUM,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}

/** The variable with the address of a browser that several test files share, each with windows of its own. */
export const SHARED_BROWSER = 'NETGEAR_TEST_BROWSER'

/** Starts a browser that is to be shared. */
export function startSharedBrowser(): Promise<BrowserServer> {
  return chromium.launchServer(OPTIONS)
}

/** The shared browser, or one of its own where there is none; closing it closes no window of anybody else. */
export function openBrowser(): Promise<Browser> {
  const shared = process.env[SHARED_BROWSER]
  return shared ? chromium.connect(shared) : chromium.launch(OPTIONS)
}

/** A page where everything is at its place at once: what moves costs half the processor's time, and has to be waited for. */
export async function openStillPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  await page.addInitScript(() => {
    const style = new CSSStyleSheet()
    style.replaceSync('*, ::before, ::after { transition: none !important; animation: none !important }')
    document.adoptedStyleSheets.push(style)
    let jQuery: { fx: { off: boolean } } | undefined
    Object.defineProperty(globalThis, 'jQuery', {
      get: () => jQuery,
      set(loaded: typeof jQuery) {
        jQuery = loaded
        if (loaded) loaded.fx.off = true
      },
    })
  })
  return page
}
