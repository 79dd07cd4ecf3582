import { type Browser, type BrowserContextOptions, type BrowserServer, chromium, type Page } from 'playwright-core'
import { CHROMIUM } from '../requirements'

// For each window Chromium loads, as pages of their own, what unfolds below its address bar, which nobody sees here: a quarter of what the
// editor takes to open. The others are those that Playwright switches off, whose list this one takes the place of.
const DISABLED_FEATURES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
]

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
    `--disable-features=${DISABLED_FEATURES.join(',')}`,
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
