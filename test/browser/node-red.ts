import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(__dirname, '..', '..')

/** Which Node-RED to test with, and which build of the package. The environment may name others than the checkout's own. */
const NODE = process.env.NETGEAR_TEST_NODE ?? process.execPath
const NODE_RED = process.env.NETGEAR_TEST_NODE_RED ?? join(ROOT, 'node_modules', 'node-red')
const PACKAGE = process.env.NETGEAR_TEST_PACKAGE ?? ROOT

/** A Node-RED that runs for one test file, with its own user directory and our package installed in it. */
export class RunningNodeRed {
  readonly url: string
  readonly userDir: string
  readonly #process: ChildProcess
  #log = ''

  private constructor(process: ChildProcess, port: number, userDir: string) {
    this.#process = process
    this.url = `http://127.0.0.1:${port}/`
    this.userDir = userDir
  }

  /**
   * @param flows what is deployed already
   * @throws Error with Node-RED's log if it ends before it serves the editor
   */
  static async start(flows: object[] = []): Promise<RunningNodeRed> {
    const port = await freePort()
    const userDir = mkdtempSync(join(tmpdir(), 'node-red-netgear-'))
    writeUserDir(userDir, port, flows)
    const child = spawn(NODE, [join(NODE_RED, 'red.js'), '--userDir', userDir], { stdio: ['ignore', 'pipe', 'pipe'] })
    const nodeRed = new RunningNodeRed(child, port, userDir)
    await nodeRed.#serving()
    return nodeRed
  }

  /** A file of the user directory as text. */
  read(file: string): string {
    return readFileSync(join(this.userDir, file), 'utf8')
  }

  get log(): string {
    return this.#log
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exit = once(this.#process, 'exit')
      this.#process.kill()
      await exit
    }
    rmSync(this.userDir, { recursive: true, force: true })
  }

  #serving(): Promise<void> {
    return new Promise((resolve, reject) => {
      const collect = (chunk: Buffer) => {
        this.#log += chunk
        if (this.#log.includes('Started flows')) resolve()
      }
      this.#process.stdout?.on('data', collect)
      this.#process.stderr?.on('data', collect)
      this.#process.once('error', reject)
      this.#process.once('exit', () => reject(new Error(`Node-RED ended before it was ready:\n${this.#log}`)))
    })
  }
}

function writeUserDir(userDir: string, port: number, flows: object[]): void {
  if (!existsSync(join(PACKAGE, 'dist', 'nodes'))) throw new Error(`${PACKAGE} is not built: npm run build`)
  const { name, version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'))
  const scope = join(userDir, 'node_modules', name.split('/')[0])
  mkdirSync(scope, { recursive: true })
  symlinkSync(PACKAGE, join(userDir, 'node_modules', name), 'dir')
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'test', dependencies: { [name]: version } }))
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows))
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    flowFile: 'flows.json',
    credentialSecret: 'only for tests',
    lang: 'en-US',
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] }, projects: { enabled: false } },
    externalModules: { palette: { allowInstall: false } },
    logging: { console: { level: 'info' } },
  }
  writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('No free port.')
}
