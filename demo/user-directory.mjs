import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const PACKAGE = '@ironhouse/node-red-netgear'

/**
 * Makes Node-RED's user directory, with this checkout as an installed package. What is there already is kept.
 *
 * @param {string} directory
 * @param {string} checkout
 */
export function prepareUserDirectory(directory, checkout) {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeOnce(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'netgear-demo', private: true, dependencies: { [PACKAGE]: `file:${checkout}` } }, null, 2),
  )
  const link = join(directory, 'node_modules', PACKAGE)
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { recursive: true, force: true })
  symlinkSync(checkout, link, 'junction')
}

/**
 * The secret that Node-RED encrypts the flow's credentials with, made at the first start.
 *
 * @param {string} directory
 * @returns {string}
 */
export function credentialSecret(directory) {
  const file = join(directory, 'credential-secret')
  writeOnce(file, randomBytes(32).toString('hex'))
  return readFileSync(file, 'utf8')
}

function writeOnce(/** @type {string} */ file, /** @type {string} */ text) {
  if (!existsSync(file)) writeFileSync(file, text, { mode: 0o600 })
}
