// Starts Node-RED with a moving picture that crosses an IronHouse link, and says where to look. Ctrl-C ends it.
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt, ensureInstalled, ROOT } from '../scripts/checkout.mjs'
import { findFreePort } from './listen.mjs'
import { videoSource } from './source.mjs'
import { prepareUserDirectory } from './user-directory.mjs'

const OPTIONS = /** @type {const} */ ({
  reset: { type: 'boolean', default: false },
  'user-dir': { type: 'string', default: join(ROOT, 'demo', '.user') },
})

try {
  await start(parseArgs({ options: OPTIONS }).values)
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

async function start(/** @type {{ reset: boolean, 'user-dir': string }} */ { reset, 'user-dir': directory }) {
  const startedIn = process.env.INIT_CWD ?? process.cwd()
  const userDirectory = resolve(startedIn, directory)
  const source = videoSource(process.env.NETGEAR_DEMO_SOURCE, startedIn)
  ensureInstalled()
  ensureBuilt()
  if (reset) rmSync(userDirectory, { recursive: true, force: true })
  prepareUserDirectory(userDirectory, ROOT)
  // The flow reads both.
  process.env.NETGEAR_DEMO_SOURCE = source ?? ''
  process.env.NETGEAR_DEMO_PORT ||= String(await findFreePort(5555))

  // Only now are Node-RED and dist there to be loaded.
  const { startNodeRed } = await import('./node-red.mjs')
  const { url, stop } = await startNodeRed(userDirectory)
  endWith(stop)
  console.log(`
NetGear demo: a moving picture crosses an IronHouse link between two nodes.

  Live page   ${url}live
  Editor      ${url}

Change the flow as you like: it is kept. "npm start -- --reset" begins anew. Ctrl-C ends the demo.
`)
}

function endWith(/** @type {() => Promise<void>} */ stop) {
  let stopping = false
  const end = async () => {
    if (stopping) process.exit(1)
    stopping = true
    await stop().catch((error) => console.error(error.message))
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
}
