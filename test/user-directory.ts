import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(__dirname, '..')

/** Which Node-RED to test with, and which build of the package. The environment may name others than the checkout's own. */
export const NODE = process.env.NETGEAR_TEST_NODE ?? process.execPath
export const NODE_RED = process.env.NETGEAR_TEST_NODE_RED ?? join(ROOT, 'node_modules', 'node-red')
const PACKAGE = process.env.NETGEAR_TEST_PACKAGE ?? ROOT

/**
 * Makes a folder that exists a Node-RED's user directory, with our package installed.
 *
 * @param settings added to, or in place of, those that all tests share; `uiPort` is needed
 */
export function furnishUserDirectory(userDir: string, flows: object[], settings: Record<string, unknown>): void {
  if (!existsSync(join(PACKAGE, 'dist', 'nodes'))) throw new Error(`${PACKAGE} is not built: npm run build`)
  const { name, version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'))
  mkdirSync(join(userDir, 'node_modules', name.split('/')[0]), { recursive: true })
  symlinkSync(PACKAGE, join(userDir, 'node_modules', name), 'dir')
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'test', dependencies: { [name]: version } }))
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows))
  const all = {
    uiHost: '127.0.0.1',
    flowFile: 'flows.json',
    credentialSecret: 'only for tests',
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] }, projects: { enabled: false } },
    externalModules: { palette: { allowInstall: false } },
    logging: { console: { level: 'info' } },
    ...settings,
  }
  writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(all)}`)
}
