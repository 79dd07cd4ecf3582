import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port'
import { Gathered } from '../links'
import { furnishUserDirectory, NODE_RED } from '../user-directory'

const PASSWORD = 'only for tests'
const PASSWORD_HASH = '$2b$04$NwSUk0LFod00VyJQez.YOeM/Z/oi6aVz8hhVdIPQLMpxAabLriOYe'

/** What these tests use of the package ws, which Node-RED brings along. */
interface WebSocketLike {
  on(event: 'open', listener: () => void): void
  on(event: 'message', listener: (data: Buffer | string) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  send(text: string): void
  close(): void
}
const nodeRedRequire = createRequire(join(NODE_RED, 'package.json'))
const WebSocket: new (url: string) => WebSocketLike = nodeRedRequire('ws')

/** `owner` may do everything, `viewer` has Node-RED's permission "read", `nobody` has not logged in. */
export type User = 'owner' | 'viewer' | 'nobody'
export type Deployment = 'full' | 'flows' | 'nodes'

interface Settings {
  httpAdminRoot?: string
}

export interface NodeStatus {
  id: string
  fill?: string
  text?: string
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A Node-RED in a process of its own with `adminAuth` on, our package in it, and all that it tells its users gathered. */
export class GuardedNodeRed {
  readonly url: string
  readonly userDir: string
  readonly statuses = new Gathered<NodeStatus>()
  /** Every message that the editor of `owner` gets over its WebSocket. */
  readonly editorMessages: string[] = []
  readonly #process: ChildProcess
  readonly #tokens = new Map<User, string>()
  readonly #lines = new Gathered<string>()
  #editor: WebSocketLike | undefined
  #log = ''

  private constructor(child: ChildProcess, port: number, userDir: string, adminRoot: string) {
    this.#process = child
    this.url = `http://127.0.0.1:${port}${adminRoot}/`
    this.userDir = userDir
  }

  /** @param settings added to, or in place of, those in Node-RED's settings file */
  static async start(environment: Record<string, string> = {}, settings: Settings = {}): Promise<GuardedNodeRed> {
    const port = await freePort()
    const userDir = mkdtempSync(join(tmpdir(), 'node-red-trust-'))
    furnishUserDirectory(userDir, [], guarded(port, settings))
    const child = spawn(process.execPath, [join(NODE_RED, 'red.js'), '--userDir', userDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    const nodeRed = new GuardedNodeRed(child, port, userDir, settings.httpAdminRoot ?? '')
    try {
      await nodeRed.#serving()
      for (const user of ['owner', 'viewer'] as const) nodeRed.#tokens.set(user, await nodeRed.#logIn(user))
      await nodeRed.#openEditor()
    } catch (error) {
      await nodeRed.stop()
      throw error
    }
    return nodeRed
  }

  get pid(): number {
    return this.#process.pid ?? Number.NaN
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  get log(): string {
    return this.#log
  }

  /** Resolves as soon as a line of the log matches, also one that was written before. */
  logged(pattern: RegExp): Promise<string> {
    return this.#lines.first((line) => pattern.test(line))
  }

  /** Resolves with the first line that matches of those that are written from now on. */
  loggedFromNowOn(pattern: RegExp): Promise<string> {
    return this.#lines.next((line) => pattern.test(line))
  }

  fetch(path: string, user: User, init: RequestInit = {}): Promise<Response> {
    const token = this.#tokens.get(user)
    const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(init.headers as Record<string, string>) }
    return fetch(new URL(path, this.url), { ...init, headers })
  }

  post(path: string, user: User, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const init = { method: 'POST', body: JSON.stringify(body) }
    return this.fetch(path, user, { ...init, headers: { 'content-type': 'application/json', ...headers } })
  }

  /** Deploys as the editor does, and gives the answer's text. */
  async deploy(flows: object[], type: Deployment = 'full'): Promise<string> {
    const answer = await this.post(
      'flows',
      'owner',
      { flows },
      {
        'node-red-api-version': 'v2',
        'node-red-deployment-type': type,
      },
    )
    const text = await answer.text()
    if (!answer.ok) throw new Error(`The deployment was refused with ${answer.status}: ${text}`)
    return text
  }

  /** The first status of that node, `from` that one of all on, in that colour and with that text. */
  status(id: string, fill: 'red' | 'yellow' | 'green', text = /./, from = 0): Promise<NodeStatus> {
    return this.statuses.first(
      (status) => status.id === id && status.fill === fill && text.test(status.text ?? ''),
      from,
    )
  }

  async stop(): Promise<void> {
    this.#editor?.close()
    if (this.running) {
      const exit = once(this.#process, 'exit')
      this.#process.kill()
      await exit
    }
    rmSync(this.userDir, { recursive: true, force: true })
  }

  #serving(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      let rest = ''
      const collect = (chunk: Buffer) => {
        this.#log += chunk
        const lines = `${rest}${chunk}`.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) this.#lines.add(line)
        if (this.#log.includes('Started flows')) resolve()
      }
      this.#process.stdout?.on('data', collect)
      this.#process.stderr?.on('data', collect)
      this.#process.once('error', reject)
      this.#process.once('exit', () => reject(new Error(`Node-RED ended before it was ready:\n${this.#log}`)))
    })
    return ready
  }

  async #logIn(username: User): Promise<string> {
    const scope = username === 'owner' ? '*' : 'read'
    const order = { client_id: 'node-red-admin', grant_type: 'password', scope, username, password: PASSWORD }
    const answer = await this.post('auth/token', 'nobody', order)
    const { access_token } = (await answer.json()) as { access_token?: string }
    if (access_token === undefined) throw new Error(`${username} cannot log in: ${answer.status}`)
    return access_token
  }

  async #openEditor(): Promise<void> {
    const editor = new WebSocket(new URL('comms', this.url).href.replace('http', 'ws'))
    this.#editor = editor
    await new Promise<void>((resolve, reject) => {
      editor.on('error', reject)
      editor.on('open', () => editor.send(JSON.stringify({ auth: this.#tokens.get('owner') })))
      editor.on('message', (data) => {
        const text = String(data)
        this.editorMessages.push(text)
        if (text.includes('"auth":"ok"')) resolve()
        else this.#noteStatuses(text)
      })
    })
    for (const subscribe of ['status/#', 'notification/#', 'debug']) editor.send(JSON.stringify({ subscribe }))
  }

  #noteStatuses(text: string): void {
    const messages: { topic?: string; data?: Omit<NodeStatus, 'id'> }[] = [JSON.parse(text)].flat()
    for (const { topic, data } of messages) {
      if (topic?.startsWith('status/')) this.statuses.add({ ...data, id: topic.slice('status/'.length) })
    }
  }
}

/** Two who may log in, and everything told: with the settings that `special` adds or replaces. */
function guarded(port: number, special: Settings): Record<string, unknown> {
  const user = { password: PASSWORD_HASH }
  return {
    uiPort: port,
    adminAuth: {
      type: 'credentials',
      users: [
        { ...user, username: 'owner', permissions: '*' },
        { ...user, username: 'viewer', permissions: 'read' },
      ],
    },
    diagnostics: { enabled: true, ui: true },
    runtimeState: { enabled: true, ui: true },
    logging: { console: { level: 'trace', audit: true } },
    ...special,
  }
}
