import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

export const HOSTS = ['sender', 'a', 'b', 'receiver'] as const
export type Host = (typeof HOSTS)[number]

/** Set in a process that has been started in a network namespace (and a mount namespace) of its own. */
export const OWN_NAMESPACES = 'NETGEAR_PIPELINE_NAMESPACES'

/** What the parts of the pipeline are connected by. */
export interface Network {
  /** Each part is on a host of its own, with a cable that can be pulled. */
  readonly cables: boolean
  addressOf(host: Host): string
  /** Where relays of this process can be reached from all hosts. */
  readonly relayAddress: string
  /** What runs a command on a host. */
  inside(host: Host): string[]
  close(): Promise<void>
}

/** All parts on this machine's loopback. */
export const LOOPBACK: Network = {
  cables: false,
  addressOf: () => '127.0.0.1',
  relayAddress: '127.0.0.1',
  inside: () => [],
  close: async () => undefined,
}

/**
 * Each part on a host of its own, joined by a switch, as network namespaces that end with this process. Only for a process in a
 * network namespace of its own, which the switch then is part of.
 */
export class SwitchedNetwork implements Network {
  readonly cables = true
  readonly relayAddress = '10.203.8.254'
  readonly #holders = new Map<Host, ChildProcess>()

  static async open(): Promise<SwitchedNetwork> {
    const network = new SwitchedNetwork()
    ip('link', 'set', 'dev', 'lo', 'up')
    ip('link', 'add', 'name', 'switch', 'type', 'bridge')
    ip('link', 'set', 'dev', 'switch', 'up')
    ip('address', 'add', `${network.relayAddress}/24`, 'dev', 'switch')
    for (const host of HOSTS) await network.#addHost(host)
    return network
  }

  addressOf(host: Host): string {
    return `10.203.8.${HOSTS.indexOf(host) + 1}`
  }

  inside(host: Host): string[] {
    return ['nsenter', `--net=/proc/${this.#holders.get(host)?.pid}/ns/net`, '--']
  }

  /** Takes the host's own interface down or up, which the host notices. */
  plug(host: Host, state: 'down' | 'up'): void {
    this.run(host, 'ip', 'link', 'set', 'dev', 'eth', state)
  }

  /** Has the switch swallow everything from and to the host, with no sign of it there, or carry it again. */
  forward(host: Host, state: 'swallow' | 'carry'): void {
    ip('link', 'set', 'dev', portOf(host), ...(state === 'carry' ? ['master', 'switch'] : ['nomaster']))
  }

  /** Runs a command on a host; throws if it fails. */
  run(host: Host, ...command: [string, ...string[]]): void {
    const [program, ...before] = [...this.inside(host), ...command] as [string, ...string[]]
    execFileSync(program, before, { stdio: ['ignore', 'ignore', 'pipe'] })
  }

  async close(): Promise<void> {
    for (const holder of this.#holders.values()) {
      if (holder.exitCode !== null || holder.signalCode !== null) continue
      const gone = once(holder, 'exit')
      holder.stdin?.end()
      await gone
    }
  }

  async #addHost(host: Host): Promise<void> {
    // A namespace lives as long as a process in it, and this one until its input ends.
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo there; exec cat'], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#holders.set(host, holder)
    await once(holder.stdout, 'data')
    const far = ['peer', 'name', 'eth', 'netns', String(holder.pid)]
    ip('link', 'add', 'name', portOf(host), 'type', 'veth', ...far)
    ip('link', 'set', 'dev', portOf(host), 'master', 'switch', 'up')
    this.run(host, 'ip', 'link', 'set', 'dev', 'lo', 'up')
    this.run(host, 'ip', 'link', 'set', 'dev', 'eth', 'up')
    this.run(host, 'ip', 'address', 'add', `${this.addressOf(host)}/24`, 'dev', 'eth')
  }
}

function portOf(host: Host): string {
  return `port-${host}`
}

function ip(...command: string[]): void {
  execFileSync('ip', command, { stdio: ['ignore', 'ignore', 'inherit'] })
}
