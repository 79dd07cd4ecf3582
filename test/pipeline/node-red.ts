import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LinkFigures } from '../../nodes/preview/answers'
import { furnishUserDirectory, NODE_RED } from '../user-directory'

const KEPT_LINES = 400
const START_MS = 30_000
/** What no fault may ever bring out of Node-RED. */
const BROKEN = /uncaught|unhandled|TypeError|ReferenceError|RangeError|Assertion failed|Maximum call stack/i

export type Deployment = 'full' | 'flows' | 'nodes'

/** What a process holds, in MB and counts. */
export interface Holding {
  rss: number
  /** JavaScript objects and Buffers, right after a garbage collection. */
  heap: number
  descriptors: number
  threads: number
}

export interface NodeRedPlace {
  name: string
  host: string
  port: number
  userDir: string
  /** What runs a command on its host. */
  inside: string[]
}

/** A connection that is kept for the next question may have died with the process that was asked. */
const UNSHARED = { connection: 'close' }

/** A Node-RED of the pipeline, in a process of its own, which can be killed and started again with what it had stored. */
export class PipelineNodeRed {
  readonly place: NodeRedPlace
  /** Ends that nobody ordered, and lines of the log that tell of broken code. */
  readonly offences: string[] = []
  readonly #url: string
  #child: ChildProcess | undefined
  #wanted = false
  #lines: string[] = []
  #rest = ''

  constructor(place: NodeRedPlace) {
    this.place = place
    this.#url = `http://${place.host}:${place.port}/`
    mkdirSync(place.userDir, { recursive: true })
    furnishUserDirectory(place.userDir, [], { uiHost: place.host, uiPort: place.port })
  }

  get pid(): number {
    return this.#child?.pid ?? Number.NaN
  }

  /** The newest lines of the log. */
  get log(): readonly string[] {
    return this.#lines
  }

  /** Resolves when its flows run. */
  async start(): Promise<void> {
    const { inside, userDir, name } = this.place
    const [command, ...before] = [...inside, process.execPath]
    const flags = ['--expose-gc', '--require', join(__dirname, 'preload.cjs')]
    // Detached: Ctrl-C is for the harness alone.
    const options: ForkOptions = { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execPath: command }
    const child = fork(join(NODE_RED, 'red.js'), ['--userDir', userDir], {
      ...options,
      execArgv: [...before, ...flags],
    })
    this.#child = child
    this.#wanted = true
    child.on('error', () => undefined)
    child.once('exit', (code, signal) => {
      if (this.#wanted) this.offences.push(`Node-RED ${name} exited by itself (${signal ?? code}): ${this.#tail()}`)
    })
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Node-RED ${name} does not start: ${this.#tail()}`)), START_MS)
      const take = (chunk: Buffer) => {
        if (!this.#take(String(chunk))) return
        clearTimeout(timer)
        resolve()
      }
      child.stdout?.on('data', take)
      child.stderr?.on('data', take)
      child.once('exit', () => reject(new Error(`Node-RED ${name} ended before it was ready: ${this.#tail()}`)))
    })
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  /** Ends it as a crash does (SIGKILL) or as a service manager does (SIGTERM). */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#wanted = false
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  /** Deploys as the editor does. */
  async deploy(flows: readonly object[], type: Deployment): Promise<void> {
    const headers = {
      ...UNSHARED,
      'content-type': 'application/json',
      'node-red-api-version': 'v2',
      'node-red-deployment-type': type,
    }
    const answer = await fetch(`${this.#url}flows`, { method: 'POST', headers, body: JSON.stringify({ flows }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`The deployment was refused with ${answer.status}: ${text}`)
  }

  /** What the editor is shown of that node's link. */
  async figures(node: string): Promise<LinkFigures | undefined> {
    const answer = await fetch(`${this.#url}netgear/links?node=${node}`, { headers: UNSHARED })
    return ((await answer.json()) as LinkFigures[])[0]
  }

  stepClock(stepMs: number): void {
    this.#child?.send({ stepMs })
  }

  async holding(): Promise<Holding> {
    const child = this.#child
    if (!child?.connected) throw new Error(`Node-RED ${this.place.name} does not run`)
    const answer = once(child, 'message')
    child.send({ ask: 'memory' })
    const [{ memory }] = (await answer) as [{ memory: NodeJS.MemoryUsage }]
    const proc = `/proc/${this.pid}`
    const count = (folder: string) => (existsSync(proc) ? readdirSync(join(proc, folder)).length : Number.NaN)
    return {
      rss: residentMegabytes(this.pid),
      heap: (memory.heapUsed + memory.external) / 2 ** 20,
      descriptors: count('fd'),
      threads: count('task'),
    }
  }

  /** Whether the log has got its "Started flows" line in this text. */
  #take(text: string): boolean {
    const lines = `${this.#rest}${text}`.split('\n')
    this.#rest = lines.pop() ?? ''
    this.#lines = [...this.#lines, ...lines].slice(-KEPT_LINES)
    for (const line of lines) if (BROKEN.test(line)) this.offences.push(`Node-RED ${this.place.name} logged: ${line}`)
    return text.includes('Started flows')
  }

  #tail(): string {
    return this.#lines.slice(-20).join('\n')
  }
}

/** The resident memory of a process, in MB. */
function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
