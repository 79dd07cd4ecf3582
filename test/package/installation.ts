import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

export const ROOT = resolve(__dirname, '..', '..')
export const PACKAGE = '@ironhouse/node-red-netgear'

const run = promisify(execFile)

/** A Node-RED, the Node.js to run it with, and the npm that its palette uses. */
export interface Installation {
  node: string
  /** Node-RED's red.js. */
  nodeRed: string
  npm: string
}

/** This checkout's own: Node-RED 4.1 on the Node.js that runs the tests. */
export function nodeRed4(): Installation {
  return installationIn(ROOT, process.execPath)
}

/** Node-RED 5 on Node.js 22, both from npm. Rejects with what npm printed where it cannot be had. */
export async function nodeRed5(): Promise<Installation> {
  installed5 ??= import('../../scripts/node-red-5.mjs').then(({ installNodeRed5 }) => installNodeRed5())
  const folder = await installed5
  return installationIn(folder, join(folder, 'node_modules', 'node', 'bin', 'node'))
}

/** The Node-REDs that the package is for, by the names that tests give them. */
export const VERSIONS: Record<string, () => Promise<Installation>> = {
  'Node-RED 4.1 on Node.js 20': async () => nodeRed4(),
  'Node-RED 5 on Node.js 22': nodeRed5,
}

let installed5: Promise<string> | undefined

function installationIn(folder: string, node: string): Installation {
  const nodeRed = createRequire(join(folder, 'package.json')).resolve('node-red/red.js')
  const npm = join(dirname(createRequire(nodeRed).resolve('npm/package.json')), 'bin', 'npm-cli.js')
  return { node, nodeRed, npm }
}

/** Packs the package into a folder, as dist is now; gives the tarball's path. */
export async function pack(folder: string): Promise<string> {
  const { stdout } = await npm(nodeRed4(), ROOT, 'pack', '--ignore-scripts', '--json', `--pack-destination=${folder}`)
  const [{ filename }] = JSON.parse(stdout)
  return join(folder, filename)
}

/**
 * A clean user directory with a tarball installed by the very command of Node-RED's palette (its registry/lib/installer.js).
 * Rejects with what npm printed if it refuses.
 */
export async function installFromPalette(
  installation: Installation,
  tarball: string,
  options: string[] = [],
): Promise<{ userDir: string; remove: () => void }> {
  const userDir = mkdtempSync(join(tmpdir(), 'netgear-palette-'))
  const manifest = { name: 'node-red-project', description: 'A Node-RED Project', version: '0.0.1', private: true }
  writeFileSync(join(userDir, 'package.json'), JSON.stringify(manifest))
  const palette = ['--no-audit', '--no-update-notifier', '--no-fund', '--save', '--save-prefix=~']
  await npm(installation, userDir, 'install', ...palette, '--omit=dev', '--engine-strict', ...options, '--', tarball)
  return { userDir, remove: () => rmSync(userDir, { recursive: true, force: true }) }
}

/** Runs an installation's npm. Rejects with what npm printed if it fails. */
export async function npm({ node, npm }: Installation, cwd: string, ...args: string[]): Promise<{ stdout: string }> {
  const { ownEnvironment } = await import('../../scripts/checkout.mjs')
  // As on most machines with Node-RED, nothing can be compiled.
  const env = { ...ownEnvironment(), CC: 'false', CXX: 'false' }
  return run(node, [npm, ...args], { cwd, env, maxBuffer: 16 << 20 })
}
