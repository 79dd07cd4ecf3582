import type { LinkFigures } from '../preview/answers'

const OLD_FRAME_MS = 3000
const KEY_START = 8

/** A link's figures as the user reads them; `say` looks up a key below `link.` in the catalogue. */
export class FigureWords {
  readonly #say: Translate

  constructor(translate: Translate) {
    this.#say = (key, values) => translate(`link.${key}`, values)
  }

  state({ state, reason }: LinkFigures): string {
    const word = this.#say(`live.state.${state}`)
    return reason ? `${word}: ${reason}` : word
  }

  speed({ stats }: LinkFigures): string {
    if (!stats) return '–'
    const megabits = stats.bitsPerSecond / 1e6
    return this.#say('live.value.speed', { fps: stats.fps.toFixed(1), mbits: megabits.toFixed(megabits < 10 ? 1 : 0) })
  }

  frame({ frame }: LinkFigures): string {
    if (!frame) return this.#say('live.value.no-frame')
    const size = frame.width ? `${frame.width} × ${frame.height}, ` : ''
    const text = `${size}${frame.encoding === 'jpeg' ? 'JPEG' : this.#say('live.value.raw')}, ${bytes(frame.bytes)}`
    return frame.age < OLD_FRAME_MS ? text : `${text} · ${this.age(frame.age)}`
  }

  latency({ stats }: LinkFigures): string {
    if (!stats?.latency) return '–'
    const { p50, p99 } = stats.latency
    return this.#say('live.value.latency', { p50: milliseconds(p50), p99: milliseconds(p99) })
  }

  losses({ stats }: LinkFigures): string {
    return stats
      ? this.#say('live.value.losses', { dropped: stats.dropped, lost: stats.lost, invalid: stats.invalid })
      : '–'
  }

  /** Who is at the other end; where there are several ports, a line for each, with how much comes through it. */
  peers({ stats, peers, ports }: LinkFigures): string {
    if (!ports) return this.#present(stats?.peers ?? 0, peers)
    const line = (of: (typeof ports)[number]) => {
      const present = this.#present(
        of.peers,
        peers.filter(({ port }) => port === of.port),
      )
      return `${of.port}: ${present}${of.peers > 0 ? ` · ${of.fps.toFixed(1)} fps` : ''}`
    }
    return ports.map(line).join('\n')
  }

  /** The last events, the newest first, in words such as «connected: yard-cam (192.168.1.7)»; where there are several ports, with theirs. */
  events({ events, ports }: LinkFigures): { at: number; text: string }[] {
    return events.map((event) => {
      const place = ports && event.port !== undefined ? `${event.port}: ` : ''
      return { at: event.at, text: `${place}${this.#event(event)}` }
    })
  }

  #event({ event, ...details }: LinkFigures['events'][number]): string {
    const text = (name: string) => (details[name] === undefined ? '' : String(details[name]))
    const count = Number(details.count ?? 1)
    const known = text('address') !== '' || text('publicKey') !== '' || text('name') !== ''
    const who = known ? this.who({ name: text('name'), address: text('address'), publicKey: text('publicKey') }) : ''
    const what = text('reason') || who || text('from') || text('endpoint')
    const word = this.#say(`live.event.${event}`)
    return `${word}${count > 1 ? ` (${count})` : ''}${what ? `: ${what}` : ''}`
  }

  age(ms: number): string {
    const seconds = Math.round(ms / 1000)
    if (seconds < 120) return this.#say('live.value.seconds-ago', { seconds })
    return this.#say('live.value.minutes-ago', { minutes: Math.round(seconds / 60) })
  }

  /** The peers by name and address; where it is not known which of several has left, how many of them are there. */
  #present(count: number, peers: LinkFigures['peers']): string {
    if (count === 0) return this.#say('live.value.nobody')
    const names = peers.map((peer) => this.who(peer))
    if (names.length === 0) return String(count)
    if (names.length === count) return names.join(', ')
    return this.#say('live.value.some-of', { count, names: names.join(', ') })
  }

  who({ name, address, publicKey }: LinkFigures['peers'][number]): string {
    const called = name || (publicKey ? this.#say('live.value.key', { start: publicKey.slice(0, KEY_START) }) : '')
    if (called && address) return `${called} (${address})`
    return called || address || this.#say('live.value.unknown')
  }
}

function bytes(count: number): string {
  return count < 1e6 ? `${Math.ceil(count / 1000)} kB` : `${(count / 1e6).toFixed(1)} MB`
}

function milliseconds(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0)
}
