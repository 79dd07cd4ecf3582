import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../test/free-port'
import { Program } from './program'

const ROOT = join(__dirname, '..')

export interface Flow {
  nodes: object[]
  credentials?: object
}

/** Where a bench keeps what it makes, and one build of the package, whatever is built meanwhile. */
export interface Workshop {
  folder: string
  nodes: string
}

/** `folder`: somewhere below the checkout's node_modules, where the package's nodes find what they require. */
export function furnishWorkshop(folder: string): Workshop {
  const nodes = join(folder, 'package')
  mkdirSync(nodes)
  cpSync(join(ROOT, 'dist'), join(nodes, 'dist'), { recursive: true })
  return { folder, nodes: join(nodes, 'dist', 'nodes') }
}

/** Starts a Node-RED without editor and admin API in a process of its own, with this flow; resolves when the flow runs. */
export async function startNodeRed(
  { folder, nodes }: Workshop,
  { nodes: flow, credentials = {} }: Flow,
  options: { https?: { certificate: string; key: string }; uiPort?: number; execArgv?: string[] } = {},
): Promise<Program> {
  const userDir = mkdtempSync(join(folder, 'node-red-'))
  const { https, uiPort = await freePort(), execArgv = [] } = options
  const settings = {
    uiHost: '127.0.0.1',
    uiPort,
    httpAdminRoot: false,
    disableEditor: true,
    flowFile: 'flows.json',
    credentialSecret: false,
    lang: 'en-US',
    nodesDir: [nodes, join(ROOT, 'bench', 'nodes')],
    telemetry: { enabled: false, updateNotification: false },
    ...(https && { https: { cert: readFileSync(https.certificate, 'utf8'), key: readFileSync(https.key, 'utf8') } }),
  }
  writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)}`)
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify([{ id: 'tab', type: 'tab', label: 'bench' }, ...flow]))
  writeFileSync(join(userDir, 'flows_cred.json'), JSON.stringify(credentials))
  const program = Program.forNode(require.resolve('node-red/red.js'), ['--userDir', userDir], execArgv)
  await program.printed('Started flows')
  return program
}
