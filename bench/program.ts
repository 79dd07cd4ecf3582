import { type ChildProcess, fork, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

export const PROGRAMS = join(__dirname, 'programs')
// The one that Debian's python3-zmq and python3-numpy belong to.
export const PYTHON = process.env.BENCH_PYTHON ?? '/usr/bin/python3'
const COMMAND_MS = 10_000
const KEPT_LOG = 4000
const LOG_PAUSE_MS = 50

/** What one sink saw since it was reset; latencies in ms, null where nothing came. */
export interface SinkReport {
  frames: number
  p50: number | null
  p99: number | null
  max: number | null
}

interface Replies {
  start: object
  stop: { offered: number[] }
  offered: { offered: number[] }
  reset: object
  report: { sinks: SinkReport[] }
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A child process that sends or receives frames, ruled by commands. Its sources and sinks are told of in the order of its flow. */
export class Program {
  readonly #child: ChildProcess
  readonly #write: (message: object) => void
  readonly #waiting = new Map<number, { resolve(reply: never): void; reject(error: Error): void }>()
  #log = ''
  #lastId = 0

  private constructor(
    readonly isPython: boolean,
    child: ChildProcess,
    write: (message: object) => void,
  ) {
    this.#child = child
    this.#write = write
    running.add(child)
    child.once('exit', () => {
      running.delete(child)
      for (const { reject } of this.#waiting.values()) reject(this.#ended())
    })
    child.stderr?.on('data', (text) => this.#note(text))
  }

  /** A Node.js program that answers over the IPC channel. */
  static forNode(file: string, args: string[], execArgv: string[] = []): Program {
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', 'ipc']
    const child = fork(file, args, { stdio, execArgv, cwd: PROGRAMS })
    const program = new Program(false, child, (message) => child.send(message))
    child.stdout?.on('data', (text) => program.#note(text))
    child.on('message', (reply) => program.#take(reply as { id: number }))
    return program
  }

  /** A Python program that answers in JSON lines. */
  static forPython(file: string, settings: object): Program {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
    const child = spawn(PYTHON, [join(PROGRAMS, file), JSON.stringify(settings)], { env })
    const program = new Program(true, child, ({ id, command, ...given }: { id?: number; command?: string }) =>
      child.stdin.write(`${JSON.stringify({ id, command, given })}\n`),
    )
    createInterface({ input: child.stdout }).on('line', (line) => program.#take(JSON.parse(line)))
    return program
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`The program did not start: ${this.#log}`)
    return this.#child.pid
  }

  /** Resolves when its output has this text. Rejects with the output if it ends before. */
  async printed(text: string): Promise<void> {
    while (!this.#log.includes(text)) {
      if (this.#child.exitCode !== null) throw this.#ended()
      await delay(LOG_PAUSE_MS)
    }
  }

  /** Rejects when it ends before it has answered, or takes longer than 10 s. */
  async command<Name extends keyof Replies>(command: Name, given: object = {}): Promise<Replies[Name]> {
    this.#lastId += 1
    const id = this.#lastId
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<Replies[Name]>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject })
        timer = setTimeout(() => reject(new Error(`No answer to "${command}": ${this.#log}`)), COMMAND_MS)
        this.#write({ id, command, ...given })
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  /** Stops its threads where they are, so that it costs nothing while others are measured. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  async interrupt(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGINT')
    await exit
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }

  #take(reply: { id?: number }): void {
    if (reply.id !== undefined) this.#waiting.get(reply.id)?.resolve(reply as never)
  }

  #note(text: string): void {
    this.#log = (this.#log + text).slice(-KEPT_LOG)
  }

  #ended(): Error {
    return new Error(`A program of the bench ended: ${this.#log}`)
  }
}
