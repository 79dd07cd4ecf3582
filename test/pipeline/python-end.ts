import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { EndOptions } from '../../lib/link/options'
import { PYTHON } from '../requirements'

/** What sender.py and receiver.py are started with. */
export interface PythonEndSettings {
  pattern: EndOptions['pattern']
  endpoint: string
  publicKey: string
  secretKey: string
  width: number
  height: number
  /** Of a sender: the key that the other end must prove. */
  serverKey?: string
  /** Of a receiver: the only key that it lets in. */
  peerKey?: string
  fps?: number
}

/** A frame as receiver.py saw it. Times are in ms of the monotonic clock, see `monotonicMs`. */
export interface FrameReport {
  event: 'frame'
  /** Another one after each start of the sender. */
  run: string
  number: number
  sentAt: number
  receivedAt: number
  /** It is the frame of that number to the last byte. */
  right: boolean
}

/** The clock that all processes of a machine share and that nobody sets, in ms. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** An end of the pipeline in Python, in a process of its own, which can be killed and started again. */
export class PythonEnd {
  readonly #program: 'sender.py' | 'receiver.py'
  readonly #inside: string[]
  readonly #onFrame: (frame: FrameReport) => void
  #child: ChildProcessWithoutNullStreams | undefined

  constructor(
    program: 'sender.py' | 'receiver.py',
    inside: string[],
    onFrame: (frame: FrameReport) => void = () => undefined,
  ) {
    this.#program = program
    this.#inside = inside
    this.#onFrame = onFrame
  }

  /** Resolves when its socket is open. */
  async start(settings: PythonEndSettings): Promise<void> {
    const program = [PYTHON, join(__dirname, this.#program), JSON.stringify(settings)]
    const [command, ...rest] = [...this.#inside, ...program] as [string, ...string[]]
    // Detached: Ctrl-C is for the harness alone.
    const child = spawn(command, rest, { detached: true, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
    this.#child = child
    let complaint = ''
    child.stderr.on('data', (text) => {
      complaint = `${complaint}${text}`.slice(-4000)
    })
    child.stdin.on('error', () => undefined)
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        if (signal === null) console.error(`${this.#program} ended with ${code}: ${complaint}`)
        reject(new Error(`${this.#program} ended with ${signal ?? code}: ${complaint}`))
      })
      createInterface({ input: child.stdout }).on('line', (line) => {
        const report = reportIn(line)
        if (report?.event === 'opened') resolve()
        else if (report?.event === 'frame') this.#onFrame(report)
      })
    })
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** Has a sender write timestamps that are that many seconds further off. */
  stepClock(seconds: number): void {
    this.#child?.stdin.write(`${JSON.stringify({ step: seconds })}\n`)
  }
}

/** A process that was killed may leave half a line. */
function reportIn(line: string): FrameReport | { event: 'opened' } | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
