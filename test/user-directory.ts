import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(__dirname, '..')

/** The folder of the checkout's own Node-RED. */
export const NODE_RED = join(ROOT, 'node_modules', 'node-red')

/** Core nodes that no flow of the tests has: loading them takes half the time in which Node-RED starts. */
const UNUSED_NODES = [
  '05-tls.js',
  '06-httpproxy.js',
  '10-mqtt.js',
  '16-range.js',
  '17-split.js',
  '18-sort.js',
  '19-batch.js',
  '21-httprequest.js',
  '23-watch.js',
  '31-tcpin.js',
  '32-udp.js',
  '70-CSV.js',
  '70-HTML.js',
  '70-XML.js',
  '70-YAML.js',
]

/**
 * Makes a folder that exists a Node-RED's user directory, with our package installed.
 *
 * @param settings added to, or in place of, those that all tests share; `uiPort` is needed
 */
export function furnishUserDirectory(userDir: string, flows: object[], settings: Record<string, unknown>): void {
  if (!existsSync(join(ROOT, 'dist', 'nodes'))) throw new Error(`${ROOT} is not built: npm run build`)
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  mkdirSync(join(userDir, 'node_modules', name.split('/')[0]), { recursive: true })
  symlinkSync(ROOT, join(userDir, 'node_modules', name), 'dir')
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'test', dependencies: { [name]: version } }))
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows))
  const all = {
    uiHost: '127.0.0.1',
    flowFile: 'flows.json',
    credentialSecret: 'only for tests',
    lang: 'en-US',
    telemetry: { enabled: false, updateNotification: false },
    // The other code editor, Monaco, takes seconds to load, and our dialogs have none.
    editorTheme: {
      tours: false,
      palette: { catalogues: [] },
      projects: { enabled: false },
      codeEditor: { lib: 'ace' },
    },
    nodesExcludes: UNUSED_NODES,
    externalModules: { palette: { allowInstall: false } },
    logging: { console: { level: 'info' } },
    ...settings,
  }
  writeFileSync(
    join(userDir, 'settings.js'),
    `module.exports = { ...${JSON.stringify(all)}, httpAdminMiddleware: ${withoutDiagrams} }`,
  )
}

/** The editor loads a library for diagrams, of which our help has none: it takes a quarter of the time in which a page opens. */
function withoutDiagrams(
  request: { path: string },
  response: { type(type: string): { end(code: string): void } },
  next: () => void,
): void {
  if (request.path.endsWith('/mermaid.min.js')) response.type('js').end('globalThis.mermaid = { initialize() {} }')
  else next()
}
