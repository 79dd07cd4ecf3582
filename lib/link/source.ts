import type { WireEnd, WireFrame } from '../wire/message'

const MAX_SOURCES = 256

/** One sender that reaches a link: where its count of frames stands, and what its receiver keeps for it. */
interface Source<Kept> {
  lastSeq: number | undefined
  kept: Kept
  /** Grows with every message, whoever sent it. */
  heard: number
}

/** The key under which a message's sender is known; NetGear senders outside multi-server mode share one. */
export function sourceKey(message: WireFrame | WireEnd): string {
  return message.stream ?? `${message.from ?? ''}:${message.port ?? ''}`
}

/** The senders that reach one link, told apart by what they write into the header; bounded to those heard of last. */
export class Sources<Kept> {
  readonly #sources = new Map<string, Source<Kept>>()
  readonly #create: () => Kept
  readonly #forgotten: (kept: Kept) => void
  #heard = 0

  constructor(create: () => Kept, forgotten: (kept: Kept) => void) {
    this.#create = create
    this.#forgotten = forgotten
  }

  /** What is kept for that sender, made now if it is new. */
  kept(key: string): Kept {
    return this.#source(key).kept
  }

  /**
   * Notes a frame's arrival. Gives how many frames its sender counted before it that never came, or undefined for a resend of a
   * frame that has been here before.
   */
  arrived(frame: WireFrame): number | undefined {
    const source = this.#source(sourceKey(frame))
    const { seq } = frame
    const { lastSeq } = source
    if (seq === undefined) return frame.repeat ? undefined : 0
    if (frame.repeat && lastSeq !== undefined && seq <= lastSeq) return undefined
    source.lastSeq = seq
    return lastSeq === undefined || seq <= lastSeq ? 0 : seq - lastSeq - 1
  }

  close(): void {
    for (const { kept } of this.#sources.values()) this.#forgotten(kept)
    this.#sources.clear()
  }

  #source(key: string): Source<Kept> {
    this.#heard += 1
    const known = this.#sources.get(key)
    if (known) {
      known.heard = this.#heard
      return known
    }
    if (this.#sources.size >= MAX_SOURCES) this.#forgetOldest()
    const source = { lastSeq: undefined, kept: this.#create(), heard: this.#heard }
    this.#sources.set(key, source)
    return source
  }

  #forgetOldest(): void {
    const [oldest] = [...this.#sources].sort(([, a], [, b]) => a.heard - b.heard)
    if (!oldest) return
    const [key, { kept }] = oldest
    this.#sources.delete(key)
    this.#forgotten(kept)
  }
}
