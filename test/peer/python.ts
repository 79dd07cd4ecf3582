import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'
import { EventQueue } from './event-queue'
import { forkPeer } from './forking'
import type { CommandName, Commands, EventName, EventOf, PeerConfig, PeerEvent } from './protocol'

const startTimeoutMs = 15_000
const commandTimeoutMs = 30_000
const eventTimeoutMs = 10_000
const closeTimeoutMs = 3_000

/** The test that a peer belongs to (a test context of node:test fits). */
interface Owner {
  after(close: () => Promise<void>): void
}

interface PendingCommand {
  resolve(result: unknown): void
  reject(error: Error): void
}

const running = new Set<PythonPeer>()
process.on('exit', () => {
  for (const peer of running) peer.kill('SIGKILL')
})

/** A NetGear in Python (netgear_peer.py), in a process of its own, ruled from here. */
export class PythonPeer {
  /** The endpoints bound or connected to, with the port that a 0 became. */
  endpoints: string[] = []
  /** The ports of `endpoints`, in the same order. */
  ports: number[] = []

  readonly #connection: Socket
  readonly #stderr: () => string
  readonly #exited: Promise<void>
  readonly #events = new EventQueue()
  readonly #pending = new Map<number, PendingCommand>()
  #pid: number | undefined
  #nextId = 1
  #ended: Error | undefined

  private constructor(connection: Socket, stderr: () => string) {
    this.#connection = connection
    this.#stderr = stderr
    running.add(this)
    // Of a peer that is gone, and what was written to it; its end is reported by "close".
    const lines = createInterface({ input: connection })
    for (const failing of [connection, lines]) failing.on('error', () => {})
    this.#exited = new Promise((resolve) => {
      connection.once('close', () => {
        running.delete(this)
        this.#end('a connection that was lost')
        resolve()
      })
    })
    lines.on('line', (line) => this.#take(line))
  }

  /**
   * Starts a peer and waits until its socket is bound or connected.
   *
   * @param owner closes the peer when that test ends, however it ends; without one, call `close`.
   * @throws Error in the peer's own words if the configuration is wrong or its socket cannot be opened.
   */
  static async start(config: PeerConfig, owner?: Owner): Promise<PythonPeer> {
    const { connection, stderr } = await forkPeer()
    const peer = new PythonPeer(connection, stderr)
    owner?.after(() => peer.close())
    try {
      peer.#write(config)
      const first = await peer.#events.next(['ready', 'error'], () => true, startTimeoutMs)
      if (first.event === 'error') throw new Error(`the Python peer: ${first.error}`)
      peer.endpoints = first.endpoints
      peer.ports = first.ports.map(Number)
      return peer
    } catch (error) {
      await peer.close()
      throw error
    }
  }

  /**
   * Has the peer do something. Commands are done one after the other; only `stop` overtakes.
   *
   * @throws Error in the peer's words if it cannot, if it takes longer than `timeoutMs`, or if the peer ends before.
   */
  command<Name extends CommandName>(
    name: Name,
    parameters: Commands[Name]['parameters'],
    timeoutMs = commandTimeoutMs,
  ): Promise<Commands[Name]['result']> {
    const id = this.#nextId++
    const done = new Promise<Commands[Name]['result']>((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      const timer = setTimeout(
        () => this.#settle(id)?.reject(new Error(`the Python peer's ${name} took longer than ${timeoutMs} ms`)),
        timeoutMs,
      )
      this.#pending.set(id, {
        resolve: (result) => {
          clearTimeout(timer)
          resolve(result as Commands[Name]['result'])
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      })
      this.#write({ id, command: name, arguments: parameters })
    })
    // A test may kill the peer in the middle of a burst for which nobody waits any more.
    done.catch(() => {})
    return done
  }

  /**
   * Takes the oldest event of that name that `matches` and that nobody took yet, or waits for it.
   *
   * @throws Error if none comes in `timeoutMs`, or if the peer ends before.
   */
  next<Name extends EventName>(
    name: Name,
    matches: (event: EventOf<Name>) => boolean = () => true,
    timeoutMs = eventTimeoutMs,
  ): Promise<EventOf<Name>> {
    return this.#events.next([name], matches, timeoutMs)
  }

  /** The events of that name that no `next` took, oldest first; they stay. */
  unclaimed<Name extends EventName>(name: Name): EventOf<Name>[] {
    return this.#events.unclaimed(name)
  }

  /** Sends a signal: SIGKILL to crash the peer, SIGSTOP and SIGCONT to freeze it. */
  kill(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined && !this.#ended) process.kill(this.#pid, signal)
  }

  /** Lets the peer end by itself, and kills it if it has not after 3 s. Never throws. */
  async close(): Promise<void> {
    this.#connection.end()
    const timer = setTimeout(() => this.kill('SIGKILL'), closeTimeoutMs)
    await this.#exited
    clearTimeout(timer)
  }

  #write(line: object): void {
    this.#connection.write(`${JSON.stringify(line)}\n`)
  }

  #take(line: string): void {
    if (line === '') return
    const output = readOutput(line)
    if ('pid' in output) {
      this.#pid = output.pid
    } else if ('ended' in output) {
      this.#end(output.ended < 0 ? signalName(-output.ended) : `exit code ${output.ended}`)
      this.#connection.end()
    } else if ('event' in output) {
      this.#events.push(output)
    } else if (output.id === undefined) {
      this.#events.push({ event: 'error', error: output.error ?? line })
    } else if (output.error === undefined) {
      this.#settle(output.id)?.resolve(output.result)
    } else {
      this.#settle(output.id)?.reject(new Error(`the Python peer: ${output.error}`))
    }
  }

  #settle(id: number): PendingCommand | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  #end(reason: string): void {
    this.#ended ??= new Error(`the Python peer ended with ${reason}; its stderr: ${this.#stderr() || 'empty'}`)
    this.#events.end(this.#ended)
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(this.#ended)
  }
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, its]) => its === number)?.[0] ?? `signal ${number}`
}

type PeerOutput = { pid: number } | { ended: number } | PeerEvent | { id?: number; result?: unknown; error?: string }

/** A killed peer may leave half a line. */
function readOutput(line: string): PeerOutput {
  try {
    return JSON.parse(line)
  } catch {
    return { error: `unreadable: ${line.slice(0, 200)}` }
  }
}
