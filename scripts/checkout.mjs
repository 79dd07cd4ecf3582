// Brings a checkout to where it can run: dependencies installed, dist built.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

const SOURCES = [
  'lib',
  'nodes',
  'icons',
  'scripts/build.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.editor.json',
]

/** Runs `npm ci` unless node_modules already holds what package-lock.json asks for. Ends the process if npm fails. */
export function ensureInstalled() {
  if (isInstalled()) return
  console.log('Installing dependencies with npm …')
  // Node-RED and the compiler are development dependencies: NODE_ENV=production must not leave them out.
  // What has install scripts works without them, and they take a third of the time; a sixth of the rest is for what nobody reads here.
  const unread = ['--loglevel=error', '--no-progress', '--no-audit', '--no-fund']
  runNpm('ci', '--include=dev', '--ignore-scripts', '--prefer-offline', ...unread)
}

/** Builds dist unless all of it is newer than the sources. Ends the process if the build fails. */
export function ensureBuilt() {
  if (isBuilt()) return
  console.log('Building …')
  run(process.execPath, [join(ROOT, 'scripts', 'build.mjs')])
}

/** Starts npm in the checkout, its output on ours. Resolves with its status. @returns {Promise<number | null>} */
export async function startNpm(/** @type {string[]} */ ...args) {
  const { command, before, shell } = npm()
  const child = spawn(command, [...before, ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], shell })
  const [status] = await once(child, 'exit')
  return status
}

/** Installs packages into a folder of their own. Rejects with what npm printed if it fails. */
export async function installInto(/** @type {string} */ folder, /** @type {string[]} */ ...args) {
  const { command, before, shell } = npm()
  const options = { cwd: folder, env: ownEnvironment(), shell }
  await promisify(execFile)(
    command,
    [...before, 'install', '--no-audit', '--no-fund', '--loglevel=error', ...args],
    options,
  )
}

/** The environment for an npm that works elsewhere: without what an outer `npm test` says of this checkout, and asking for nothing twice. */
export function ownEnvironment() {
  const outer = (/** @type {string} */ name) => /^npm_/i.test(name) && name !== 'npm_config_cache'
  const own = Object.entries(process.env).filter(([name]) => !outer(name))
  return { ...Object.fromEntries(own), npm_config_prefer_offline: 'true' }
}

/** Runs npm in the checkout. Ends the process if it fails. */
function runNpm(/** @type {string[]} */ ...args) {
  const { command, before, shell } = npm()
  run(command, [...before, ...args], shell)
}

/** How npm is started: the one that runs us, where one does, as `npm run` puts another first on the path, Node-RED's in node_modules/.bin. */
function npm() {
  const cli = process.env.npm_execpath
  if (cli?.endsWith('npm-cli.js')) return { command: process.execPath, before: [cli], shell: false }
  // On Windows npm is a .cmd file, which only a shell starts.
  return { command: 'npm', before: [], shell: process.platform === 'win32' }
}

/** Runs a command in the checkout, its output on ours. Ends the process with the command's status if it fails. */
function run(/** @type {string} */ command, /** @type {string[]} */ args, shell = false) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], shell })
  if (status === 0) return
  console.error(error ? `${command} cannot be started: ${error.message}` : `"${[command, ...args].join(' ')}" failed.`)
  process.exit(status || 1)
}

function isInstalled() {
  const installed = packagesIn(join('node_modules', '.package-lock.json'))
  const wanted = Object.entries(packagesIn('package-lock.json'))
  return wanted.every(([path, { version, optional, devOptional }]) => {
    if (path === '' || ((optional || devOptional) && !installed[path])) return true
    return installed[path]?.version === version && existsSync(join(ROOT, path))
  })
}

/** @returns {Record<string, { version: string, optional?: boolean, devOptional?: boolean }>} */
function packagesIn(/** @type {string} */ lockFile) {
  const file = join(ROOT, lockFile)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

function isBuilt() {
  const built = timesIn(join(ROOT, 'dist'))
  const sources = SOURCES.flatMap((source) => timesIn(join(ROOT, source)))
  return built.length > 0 && Math.min(...built) >= Math.max(...sources)
}

/** When each file was written; one that is not there was never. @returns {number[]} */
function timesIn(/** @type {string} */ path) {
  if (!existsSync(path)) return []
  const entry = statSync(path)
  return entry.isDirectory() ? readdirSync(path).flatMap((name) => timesIn(join(path, name))) : [entry.mtimeMs]
}
