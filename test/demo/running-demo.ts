import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const ROOT = resolve(__dirname, '..', '..')

export interface FlowNode {
  id: string
  type: string
  [property: string]: unknown
}

/** The demo, started as a newcomer does, with a user directory of its own. */
export class RunningDemo {
  /** Such as `http://127.0.0.1:1880/`. */
  readonly editor: string
  readonly #process: ChildProcess
  readonly #output: () => string

  private constructor(process: ChildProcess, editor: string, output: () => string) {
    this.#process = process
    this.editor = editor
    this.#output = output
  }

  /** Rejects with what the demo said if it ends before it names its addresses. */
  static async start(userDir: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<RunningDemo> {
    const child = spawnDemo(userDir, args, env)
    let output = ''
    const editor = await new Promise<string>((resolve, reject) => {
      const collect = (chunk: Buffer) => {
        output += chunk
        const address = /Editor\s+(http\S+)/.exec(output)?.[1]
        if (address) resolve(address)
      }
      child.stdout?.on('data', collect)
      child.stderr?.on('data', collect)
      child.once('exit', () => reject(new Error(`The demo ended before it was ready:\n${output}`)))
    })
    return new RunningDemo(child, editor, () => output)
  }

  /** Everything that it printed so far. */
  get output(): string {
    return this.#output()
  }

  async flows(): Promise<FlowNode[]> {
    const response = await fetch(`${this.editor}flows`)
    return (await response.json()) as FlowNode[]
  }

  /** Deploys as the editor does; `credentials` in a node are taken as entered. */
  async deploy(flows: object[]): Promise<void> {
    // A connection that was kept may be closed by Node-RED just now.
    const headers = { connection: 'close', 'content-type': 'application/json', 'node-red-api-version': 'v2' }
    const response = await fetch(`${this.editor}flows`, { method: 'POST', headers, body: JSON.stringify({ flows }) })
    if (!response.ok) throw new Error(`Deploying was answered with ${response.status}: ${await response.text()}`)
  }

  /** Asks for a page of the flow; right after a deploy, Node-RED answers 404 until the flow has started. */
  async page(path: string): Promise<Response> {
    for (;;) {
      const response = await fetch(`${this.editor}${path}`)
      if (response.status !== 404) return response
      await delay(20)
    }
  }

  /** Presses the button of an inject node. */
  async press(injectNode: string): Promise<void> {
    const response = await fetch(`${this.editor}inject/${injectNode}`, { method: 'POST' })
    if (!response.ok) throw new Error(`The inject node answered with ${response.status}`)
  }

  /** Ends it as Ctrl-C does; gives the exit code. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode
    const exit = once(this.#process, 'exit')
    this.#process.kill('SIGINT')
    const [code] = await exit
    return code
  }
}

/** Starts a demo that is to fail; gives its exit code and all that it printed. */
export async function failingDemo(userDir: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const child = spawnDemo(userDir, [], env)
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  child.stderr?.on('data', (chunk) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  return { code, output }
}

function spawnDemo(userDir: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const { INIT_CWD: _, ...inherited } = process.env
  return spawn(process.execPath, [join(ROOT, 'demo', 'start.mjs'), `--user-dir=${userDir}`, ...args], {
    cwd: resolve(userDir, '..'),
    env: { ...inherited, NETGEAR_DEMO_SOURCE: '', NETGEAR_DEMO_PORT: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
