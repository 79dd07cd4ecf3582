import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../free-port'
import type { Installation } from './installation'

/** A Node-RED that runs on a user directory. */
export class RunningNodeRed {
  readonly #url: string
  readonly #process: ChildProcess

  private constructor(url: string, process: ChildProcess) {
    this.#url = url
    this.#process = process
  }

  /** Rejects with Node-RED's log if it ends before its flows run. */
  static async start({ node, nodeRed }: Installation, userDir: string): Promise<RunningNodeRed> {
    const port = await freePort()
    const settings = {
      uiHost: '127.0.0.1',
      uiPort: port,
      flowFile: 'flows.json',
      credentialSecret: 'only for tests',
      lang: 'en-US',
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, palette: { catalogues: [] } },
      externalModules: { palette: { allowInstall: false } },
    }
    writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)}`)
    const child = spawn(node, [nodeRed, '--userDir', userDir], { stdio: ['ignore', 'pipe', 'pipe'] })
    let log = ''
    await new Promise<void>((resolve, reject) => {
      const collect = (chunk: Buffer) => {
        log += chunk
        if (log.includes('Started flows')) resolve()
      }
      child.stdout.on('data', collect)
      child.stderr.on('data', collect)
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`Node-RED ended before it was ready:\n${log}`)))
    })
    return new RunningNodeRed(`http://127.0.0.1:${port}/`, child)
  }

  /** What the admin API answers to a GET. */
  async get(path: string): Promise<Response> {
    return fetch(`${this.#url}${path}`, { headers: { accept: 'application/json' } })
  }

  /** Deploys a flow, with the credentials that its nodes carry. */
  async deploy(flows: object[]): Promise<void> {
    const headers = { 'content-type': 'application/json', 'node-red-api-version': 'v2' }
    const response = await fetch(`${this.#url}flows`, { method: 'POST', headers, body: JSON.stringify({ flows }) })
    if (!response.ok) throw new Error(`Deploying was answered with ${response.status}: ${await response.text()}`)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.kill()
    await exit
  }
}
