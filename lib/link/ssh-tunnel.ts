import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Client } from 'ssh2'
import { quoted } from '../keys/quoted'
import { type ErrorCode, NetgearError } from '../wire/error'
import type { Endpoint } from './endpoint'

const READY_MS = 10_000
const KEEP_ALIVE_MS = 3000
const KEEP_ALIVE_TRIES = 3
const RETRY_MS = 1000
/** Servers lock out who tries a wrong login again and again. */
const RETRY_REFUSED_MS = 30_000

interface Connection {
  client: Client
  ready: Promise<Client>
  isReady: boolean
}

export interface SshTunnelOptions {
  host: string
  port: number
  user: string
  password?: string
  /** The private key itself, in OpenSSH's or PEM form; `password` then is its passphrase. */
  privateKey?: Buffer
  /** SHA-256 fingerprint of the host key that the server must show, as OpenSSH prints it: "SHA256:…". */
  hostKey: string
}

/** Reads "user@host" or "user@host:port" (an IPv6 host in brackets). Throws `NETGEAR_SSH_ADDRESS`. */
export function parseSshAddress(text: string): Pick<SshTunnelOptions, 'host' | 'port' | 'user'> {
  const [, user, bracketed, plain, port = '22'] =
    /^([^@\s]+)@(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text.trim()) ?? []
  const host = bracketed ?? plain
  if (!user || !host || Number(port) < 1 || Number(port) > 65535) {
    throw new NetgearError(
      'NETGEAR_SSH_ADDRESS',
      `The SSH address is ${quoted(text)}: write it as user@host or user@host:22.`,
    )
  }
  return { user, host, port: Number(port) }
}

/**
 * A way through an SSH server (`ssh -L`): a port of this machine's loopback whose connections come out at the server's side and go on
 * to the target. The SSH connection is opened when it is needed, and anew after it has dropped.
 */
export class SshTunnel {
  readonly #options: SshTunnelOptions
  readonly #target: Pick<Endpoint, 'address' | 'port'>
  readonly #blocked: (error: NetgearError | undefined) => void
  readonly #lines = new Set<Socket>()
  #server: Promise<Server> | undefined
  #connection: Connection | undefined
  #failure: { error: NetgearError; retryMs: number; until: number } | undefined
  #closed = false

  /**
   * @param target where the tunnel leads, as seen from the SSH server
   * @param blocked told why the tunnel cannot be opened, also anew after it has dropped; undefined when it is open
   */
  constructor(
    options: SshTunnelOptions,
    target: Pick<Endpoint, 'address' | 'port'>,
    blocked: (error: NetgearError | undefined) => void,
  ) {
    this.#options = options
    this.#target = target
    this.#blocked = blocked
  }

  /** Opens the tunnel and gives its near end. Rejects with a `NetgearError` (`NETGEAR_SSH_…`) that says what to do. */
  async nearEnd(): Promise<{ address: string; ipv6: boolean }> {
    await this.#connected()
    this.#server ??= this.#listen()
    const near = (await this.#server).address()
    if (near === null || typeof near === 'string')
      throw new NetgearError('NETGEAR_SSH', 'The near end of the SSH tunnel is closed.')
    return { address: `tcp://127.0.0.1:${near.port}`, ipv6: false }
  }

  close(): void {
    this.#closed = true
    for (const line of this.#lines) line.destroy()
    this.#server?.then(
      (server) => server.close(),
      () => undefined,
    )
    // A server that says nothing would not end it for long.
    if (this.#connection?.isReady) this.#connection.client.end()
    else this.#connection?.client.destroy()
  }

  async #listen(): Promise<Server> {
    const server = createServer((line) => {
      this.#carry(line).catch(() => line.destroy())
    })
    // Later ones are those of accepting, for want of files: the line is tried again.
    server.on('error', () => undefined)
    try {
      await once(server.listen(0, '127.0.0.1'), 'listening')
    } catch (error) {
      this.#server = undefined
      throw error
    }
    return server
  }

  async #carry(line: Socket): Promise<void> {
    this.#lines.add(line)
    line.on('error', () => line.destroy())
    line.on('close', () => this.#lines.delete(line))
    const client = await this.#connected()
    if (line.destroyed) return
    const { address, port } = this.#target
    client.forwardOut('127.0.0.1', line.remotePort ?? 0, address, port, (error, channel) => {
      if (error || line.destroyed) {
        line.destroy()
        channel?.destroy()
        return
      }
      channel.on('error', () => line.destroy())
      channel.on('close', () => line.destroy())
      line.on('close', () => channel.destroy())
      line.pipe(channel).pipe(line)
    })
  }

  #connected(): Promise<Client> {
    if (this.#closed) return Promise.reject(new NetgearError('NETGEAR_SSH', 'The SSH tunnel is closed.'))
    if (this.#failure && performance.now() < this.#failure.until) return Promise.reject(this.#failure.error)
    if (!this.#connection) {
      const connection = connect(this.#options, () => this.#dropped(connection))
      this.#connection = connection
      connection.ready.then(
        () => {
          connection.isReady = true
          this.#failure = undefined
          this.#blocked(undefined)
        },
        (error: NetgearError) => {
          this.#failed(error)
          this.#dropped(connection)
        },
      )
    }
    return this.#connection.ready
  }

  /** What the server refuses it will refuse again, until somebody has changed something. */
  #failed(error: NetgearError): void {
    if (this.#closed) return
    const longest = error.code === 'NETGEAR_SSH' ? RETRY_MS : RETRY_REFUSED_MS
    const retryMs = Math.min(2 * (this.#failure?.retryMs ?? RETRY_MS / 2), longest)
    this.#failure = { error, retryMs, until: performance.now() + retryMs }
    this.#blocked(error)
  }

  #dropped(connection: Connection): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    for (const line of this.#lines) line.destroy()
  }
}

function connect(
  { host, port, user, password, privateKey, hostKey }: SshTunnelOptions,
  dropped: () => void,
): Connection {
  // Only here: it takes a third of the time in which the package loads, and few links have a tunnel.
  const ssh2: typeof import('ssh2') = require('ssh2')
  const client = new ssh2.Client()
  const expected = withoutPadding(hostKey)
  const ready = new Promise<Client>((resolve, reject) => {
    let shown: string | undefined
    client.on('ready', () => resolve(client))
    client.on('error', (error: Error & { level?: string }) =>
      reject(explain(error, `${user}@${host}:${port}`, shown, expected)),
    )
    client.on('close', () => {
      reject(new NetgearError('NETGEAR_SSH', `The SSH server ${host}:${port} hung up.`))
      dropped()
    })
    try {
      client.connect({
        host,
        port,
        username: user,
        readyTimeout: READY_MS,
        keepaliveInterval: KEEP_ALIVE_MS,
        keepaliveCountMax: KEEP_ALIVE_TRIES,
        hostVerifier: (key: Buffer) => {
          shown = withoutPadding(`SHA256:${createHash('sha256').update(key).digest('base64')}`)
          return sameText(shown, expected)
        },
        ...(privateKey ? { privateKey, ...(password && { passphrase: password }) } : { password: password ?? '' }),
      })
    } catch (error) {
      reject(explain(error as Error, `${user}@${host}:${port}`, shown, expected))
    }
  })
  return { client, ready, isReady: false }
}

function explain(
  error: Error & { level?: string },
  server: string,
  shown: string | undefined,
  expected: string,
): NetgearError {
  const [code, text]: [ErrorCode, string] =
    shown !== undefined && !sameText(shown, expected)
      ? [
          'NETGEAR_SSH_HOST_KEY',
          `The SSH server ${server} shows the host key ${shown}, ${expected ? 'which is not the one expected' : 'and none is set to expect'}. ` +
            'Ask whoever runs it; if it is right, set it as the host key.',
        ]
      : error.level === 'client-authentication'
        ? ['NETGEAR_SSH_LOGIN', `The SSH server ${server} refused the login: check user, password or key file.`]
        : /private ?key|passphrase/i.test(error.message)
          ? [
              'NETGEAR_SSH_KEY_FILE',
              'The SSH key file cannot be used: it is no private key, or its passphrase is wrong.',
            ]
          : ['NETGEAR_SSH', `The SSH server ${server} cannot be reached (${error.message}).`]
  return new NetgearError(code, `${text} Trying again.`)
}

/** A fingerprint as OpenSSH prints it; other tools leave the base64's padding on. */
function withoutPadding(fingerprint: string): string {
  return fingerprint.trim().replace(/=+$/, '')
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
