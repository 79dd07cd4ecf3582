import { execFileSync } from 'node:child_process'

/** How many pairs of hosts this process has made, so that each has names of its own. */
let pairs = 0

type Host = 'receiver' | 'sender'

/**
 * Two hosts with a switch between them, as network namespaces joined by veth pairs. Needs root and iproute2. The hosts' addresses are
 * in `addressOf`; `inside` is what runs a command on a host.
 */
export class TwoHosts {
  readonly addressOf: Record<Host, string> = { receiver: '10.203.7.1', sender: '10.203.7.2' }
  readonly #linkAddressOf: Record<Host, string> = { receiver: '02:00:00:00:00:01', sender: '02:00:00:00:00:02' }
  readonly #prefix = `netgear-${process.pid}-${++pairs}`

  constructor() {
    const hub = this.#name('switch')
    ip('netns', 'add', hub)
    ip('-n', hub, 'link', 'add', 'bridge', 'type', 'bridge')
    ip('-n', hub, 'link', 'set', 'bridge', 'up')
    for (const host of ['receiver', 'sender'] as const) {
      const name = this.#name(host)
      ip('netns', 'add', name)
      ip(
        'link',
        'add',
        'eth',
        'address',
        this.#linkAddressOf[host],
        'netns',
        name,
        'type',
        'veth',
        'peer',
        'name',
        host,
        'netns',
        hub,
      )
      ip('-n', hub, 'link', 'set', host, 'master', 'bridge', 'up')
      ip('-n', name, 'address', 'add', `${this.addressOf[host]}/24`, 'dev', 'eth')
      ip('-n', name, 'link', 'set', 'lo', 'up')
      ip('-n', name, 'link', 'set', 'eth', 'up')
      // As with a router in between: that the other one cannot be reached is not told, its packets just get lost.
      const other = host === 'receiver' ? 'sender' : 'receiver'
      const neighbour = [this.addressOf[other], 'lladdr', this.#linkAddressOf[other], 'nud', 'permanent']
      ip('-n', name, 'neighbour', 'add', ...neighbour, 'dev', 'eth')
    }
  }

  inside(host: Host): string[] {
    return ['ip', 'netns', 'exec', this.#name(host)]
  }

  /** Takes that host's interface down or up. */
  plug(host: Host, state: 'down' | 'up'): void {
    ip('-n', this.#name(host), 'link', 'set', 'eth', state)
  }

  /** Has the switch swallow everything, with no sign of it at the hosts, or work again. */
  power(state: 'down' | 'up'): void {
    ip('-n', this.#name('switch'), 'link', 'set', 'bridge', state)
  }

  close(): void {
    for (const name of ['receiver', 'sender', 'switch']) ip('netns', 'delete', this.#name(name))
  }

  #name(host: string): string {
    return `${this.#prefix}-${host}`
  }
}

function ip(...command: string[]): void {
  execFileSync('ip', command, { stdio: ['ignore', 'ignore', 'inherit'] })
}
