import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LinkEvent } from '../../lib/link/link-events'
import type { EndOptions } from '../../lib/link/options'
import { Gathered } from '../links'
import { RUN_TYPESCRIPT } from '../typescript'

/** What an end in a process of its own is started with. A sender sends `fps` numbered frames of `frameBytes` a second. */
export interface EndSettings {
  role: 'receiver' | 'sender'
  options: EndOptions
  fps?: number
  frameBytes?: number
  window?: number
}

export interface FrameReport {
  kind: 'frame'
  index: number
  /** ms since 1970. */
  sentAt: number
  lost: number
  /** The frame is the one that its sender sent under this index. */
  intact: boolean
  /** Another one after each start of the sender. */
  stream: string
}

export type EndReport = FrameReport | { kind: 'event'; event: LinkEvent } | { kind: 'opened' }

const PROGRAM = join(__dirname, 'end-program.ts')

/** A receiver or a sender in a Node.js process of its own. */
export class EndProcess {
  readonly events = new Gathered<LinkEvent>()
  readonly frames = new Gathered<FrameReport>()
  readonly #child: ChildProcess
  readonly #opened = new Gathered<true>()

  /** `inside`: a command that runs the process elsewhere, such as in a network namespace. */
  private constructor(settings: EndSettings, inside: string[]) {
    const options: ForkOptions = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }
    const [command, ...before] = [...inside, process.execPath]
    this.#child = fork(PROGRAM, [JSON.stringify(settings)], {
      ...options,
      execPath: command,
      execArgv: [...before, ...RUN_TYPESCRIPT],
    })
    this.#child.on('message', (report) => this.#take(report as EndReport))
    this.#child.on('error', () => undefined)
  }

  /** Starts it and resolves when its link is opened, which is not yet connected. */
  static async start(settings: EndSettings, inside: string[] = []): Promise<EndProcess> {
    const end = new EndProcess(settings, inside)
    await end.#opened.first(() => true)
    return end
  }

  /** Crashes, freezes or thaws it. */
  async signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    this.#child.kill(signal)
    if (signal === 'SIGKILL') await this.#exited()
  }

  /** Closes its link in good order, and ends it. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.send('close')
    await this.#exited()
  }

  async #exited(): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode === null && signalCode === null) await once(this.#child, 'exit')
  }

  #take(report: EndReport): void {
    if (report.kind === 'event') this.events.add(report.event)
    else if (report.kind === 'frame') this.frames.add(report)
    else this.#opened.add(true)
  }
}
