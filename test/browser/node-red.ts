import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { freePort } from '../free-port'
import { type Installation, nodeRed4, nodeRed5 } from '../package/installation'
import { furnishUserDirectory } from '../user-directory'

const STARTED = 'Started flows'

type NodeRedProcess = ChildProcessByStdio<null, Readable, Readable>

/** What tests run on that name no version: Node-RED 4.1, with NETGEAR_TEST_NODE_RED=5 Node-RED 5. */
function usualInstallation(): Promise<Installation> {
  return process.env.NETGEAR_TEST_NODE_RED === '5' ? nodeRed5() : Promise.resolve(nodeRed4())
}

/** A Node-RED that runs for one test file, with its own user directory and our package installed in it. */
export class RunningNodeRed {
  readonly url: string
  readonly userDir: string
  readonly #process: NodeRedProcess
  #log = ''

  private constructor(process: NodeRedProcess, port: number, userDir: string) {
    this.#process = process
    this.url = `http://127.0.0.1:${port}/`
    this.userDir = userDir
  }

  /**
   * @param flows what is deployed already
   * @throws Error with Node-RED's log if it ends before it serves the editor
   */
  static async start(flows: object[], installation?: Installation): Promise<RunningNodeRed> {
    const { node, nodeRed: script } = installation ?? (await usualInstallation())
    const port = await freePort()
    const userDir = mkdtempSync(join(tmpdir(), 'node-red-netgear-'))
    furnishUserDirectory(userDir, flows, { uiPort: port })
    const child = spawn(node, [script, '--userDir', userDir], { stdio: ['ignore', 'pipe', 'pipe'] })
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

  /** Resolves when flows are started next; a deploy is answered before. */
  nextStart(): Promise<void> {
    const logged = this.#log.length
    return new Promise((resolve) => {
      const look = () => {
        if (!this.#log.includes(STARTED, logged)) return
        this.#process.stdout.off('data', look)
        resolve()
      }
      this.#process.stdout.on('data', look)
    })
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
        if (this.#log.includes(STARTED)) resolve()
      }
      this.#process.stdout.on('data', collect)
      this.#process.stderr.on('data', collect)
      this.#process.once('error', reject)
      this.#process.once('exit', () => reject(new Error(`Node-RED ended before it was ready:\n${this.#log}`)))
    })
  }
}
