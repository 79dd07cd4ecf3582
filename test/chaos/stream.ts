import assert from 'node:assert/strict'
import type { Ends } from '../links'
import { EndProcess, type EndSettings, type FrameReport } from './end-process'

type Role = 'receiver' | 'sender'
type Options = Pick<EndSettings, 'fps' | 'frameBytes' | 'window'>

/** A stream between two processes, which measures how long it takes to come back. */
export class Stream {
  readonly #ends: Ends
  readonly #options: Options
  readonly #inside: Partial<Record<Role, string[]>>
  readonly #running = new Map<Role, EndProcess>()

  private constructor(ends: Ends, options: Options, inside: Partial<Record<Role, string[]>>) {
    this.#ends = ends
    this.#options = options
    this.#inside = inside
  }

  /** Starts both ends; resolves when the first frame is through. */
  static async start(ends: Ends, options: Options = {}, inside: Partial<Record<Role, string[]>> = {}): Promise<Stream> {
    const stream = new Stream(ends, options, inside)
    await stream.startEnd('receiver')
    await stream.startEnd('sender')
    await stream.receiver.frames.first(() => true)
    return stream
  }

  get receiver(): EndProcess {
    return this.end('receiver')
  }

  end(role: Role): EndProcess {
    const end = this.#running.get(role)
    assert.ok(end, `the ${role} was not started`)
    return end
  }

  async startEnd(role: Role): Promise<void> {
    this.#running.set(
      role,
      await EndProcess.start({ role, options: this.#ends[role], ...this.#options }, this.#inside[role]),
    )
  }

  /** Waits for a frame that was sent from now on; resolves with how many ms that took. */
  async back(): Promise<number> {
    const now = Date.now()
    const start = performance.now()
    await this.receiver.frames.next(({ sentAt }) => sentAt >= now)
    return performance.now() - start
  }

  /** Fails unless every frame came unchanged, once and in its order. */
  check(): void {
    const newest = new Map<string, number>()
    for (const { index, intact, stream } of this.receiver.frames.all as FrameReport[]) {
      assert.ok(intact, `frame ${index} came changed`)
      assert.ok(index > (newest.get(stream) ?? -1), `frame ${index} came after ${newest.get(stream)}`)
      newest.set(stream, index)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((end) => end.signal('SIGKILL')))
  }
}
