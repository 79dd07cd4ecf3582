import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { RUN_TYPESCRIPT } from '../typescript'

/** Of the rate before the flood. On an idle machine 0.8 holds; in a run of all tests the flooder and others compete for the processors. */
export const LEAST_SHARE = Number(process.env.NETGEAR_TEST_FLOOD_SHARE ?? 0.2)

/** How long a stream's rate is counted for; figures that are to be told want a few seconds. */
export const WATCH_MS = Number(process.env.NETGEAR_TEST_FLOOD_WATCH_MS ?? 1000)

/** How soon a stream must be back; 2000 holds on an idle machine. */
export const BACK_MS = Number(process.env.NETGEAR_TEST_FLOOD_BACK_MS ?? 4000)

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

/** So many strangers, each with a key of its own, that connect anew as soon as they are refused. */
export interface HandshakeFlood {
  kind: 'handshakes'
  port: number
  count: number
  serverKey: string
}

export type FloodSettings = ConnectionFlood | MessageFlood | HandshakeFlood

/** Somebody who floods ports from a process of his own. */
export class Flooder {
  readonly #child: ChildProcess

  constructor() {
    this.#child = fork(join(__dirname, 'flood-program.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: RUN_TYPESCRIPT,
    })
  }

  /** Resolves when the flood is under way. */
  async flood(settings: FloodSettings): Promise<void> {
    this.#child.send(settings)
    await once(this.#child, 'message')
  }

  /** Resolves when nothing of the flood is left. */
  async stop(): Promise<void> {
    this.#child.send('stop')
    await once(this.#child, 'message')
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
