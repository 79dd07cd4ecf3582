import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface ConnectionFlood {
  kind: 'connections'
  port: number
  count: number
  /** What is said on each, in base64. */
  words: string
}

export interface MessageFlood {
  kind: 'messages'
  port: number
  keys: { server: string; publicKey: string; secretKey: string }
  /** STREAM in it stands for the sender's mark. */
  header: string
  /** In base64, or so many zeros. */
  body: string | number
  fps: number
  /** Each message claims to come from another sender. */
  forgesStreams?: boolean
}

export type FloodSettings = ConnectionFlood | MessageFlood

/** Somebody who floods a port from a process of his own. */
export class Flood {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when the flood is under way. */
  static async start(settings: FloodSettings): Promise<Flood> {
    const child = fork(join(__dirname, 'flood-program.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--import', 'tsx'],
    })
    child.send(settings)
    await once(child, 'message')
    return new Flood(child)
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
