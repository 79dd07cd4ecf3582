// Node-RED 5 for the tests, with the Node.js 22 that it needs, both from npm. As a program it installs them while others work.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installInto, ROOT } from './checkout.mjs'

const VERSION = '5.0.7'
// Not below node_modules, which `npm ci` empties.
const FOLDER = join(ROOT, '.node-red-5', VERSION)

/** Installs them unless they are there already; gives the folder that holds their node_modules. Rejects with what npm printed if it fails. */
export async function installNodeRed5() {
  if (existsSync(FOLDER)) return FOLDER
  mkdirSync(dirname(FOLDER), { recursive: true })
  const unfinished = mkdtempSync(`${FOLDER}-`)
  writeFileSync(join(unfinished, 'package.json'), '{}')
  // The package "node" gets its binary by an install script.
  await installInto(unfinished, '--ignore-scripts=false', 'node@22', `node-red@${VERSION}`)
  moveIfMissing(unfinished, FOLDER)
  return FOLDER
}

/** Another process may have put it there meanwhile. */
function moveIfMissing(/** @type {string} */ from, /** @type {string} */ to) {
  try {
    renameSync(from, to)
  } catch (error) {
    rmSync(from, { recursive: true })
    if (!existsSync(to)) throw error
  }
}

// Where it fails, the tests that need it try again, and say so themselves.
if (process.argv[1] === fileURLToPath(import.meta.url)) await installNodeRed5().catch(() => undefined)
