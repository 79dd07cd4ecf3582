import { isDeepStrictEqual } from 'node:util'
import type { Node } from 'node-red'
import type { LinkEvent } from '../../lib/link/link-events'
import type { NetgearError } from '../../lib/wire/error'
import type { PictureToEncode } from '../../lib/wire/picture'
import type { LinkEnd } from '../link-end'
import type { LinkOptions } from '../link-options'
import { ConnectedPeers } from './connected-peers'
import { Thumbnail } from './thumbnail'

const MOST_EVENTS = 20

/** The link of one node, as its runtime half lets the editor look at it. */
export interface WatchedLink {
  node: Node
  config: LinkOptions
  /** The open receiver or sender; undefined while there is none. */
  end(): LinkEnd | undefined
  /** Why there is none. */
  problem(): NetgearError
}

/** What leaves a node's events output, except the statistics. */
export type NotedEvent = LinkEvent | { event: 'failed'; code: string; reason: string }

const links = new Map<string, LiveLink>()

/** The links of all nodes that run now, in the order in which they were started. */
export function liveLinks(): LiveLink[] {
  return [...links.values()]
}

/** The running link of the node with that id; for a node inside a subflow, of its first instance. */
export function liveLink(nodeId: string): LiveLink | undefined {
  return links.get(nodeId) ?? liveLinks().find(({ editorId }) => editorId === nodeId)
}

/**
 * What the editor can be shown of one link. Costs next to nothing while nobody looks: only references to the newest frame, to the
 * last events and to the peers are kept.
 */
export class LiveLink {
  readonly watched: WatchedLink
  readonly peers = new ConnectedPeers()
  readonly #events: { at: number; event: NotedEvent }[] = []
  /** By port; undefined where the frames of all ports are the same. */
  readonly #views = new Map<number | undefined, View>()
  #newestView: View | undefined

  constructor(watched: WatchedLink) {
    this.watched = watched
    links.set(watched.node.id, this)
  }

  /** The id that the editor knows the node by: inside a subflow all instances have one. */
  get editorId(): string {
    const { node } = this.watched
    return '_alias' in node && typeof node._alias === 'string' ? node._alias : node.id
  }

  /** The frame that crossed the link last, and how many milliseconds ago. */
  get newest(): { picture: PictureToEncode; age: number } | undefined {
    const view = this.#newestView
    return view?.picture && { picture: view.picture, age: performance.now() - view.at }
  }

  /** The last events, the newest first, each with its time in ms since 1970. */
  get events(): { at: number; event: NotedEvent }[] {
    return this.#events.toReversed()
  }

  /** A frame has crossed the link, or that port of it. It is kept as it is, and must not be changed afterwards. */
  showFrame(picture: PictureToEncode, port?: number): void {
    const view = this.#views.get(port) ?? new View()
    this.#views.set(port, view)
    view.show(picture)
    this.#newestView = view
  }

  note(event: NotedEvent): void {
    // What repeats itself every second would soon push out everything else.
    const sum = summedUp(this.#events.at(-1)?.event, event)
    if (sum) this.#events.pop()
    this.#events.push({ at: Date.now(), event: sum ?? event })
    if (this.#events.length > MOST_EVENTS) this.#events.shift()
    if ('endpoint' in event) this.peers.note(event, this.#peersAt(event.port))
  }

  #peersAt(port: number | undefined): number {
    const end = this.watched.end()
    return (port === undefined ? end?.stats() : end?.statsByPort().get(port))?.peers ?? 0
  }

  /** The newest frame, or that of a port, as a small JPEG; undefined while there is none. Rejects with a `NetgearError` for what cannot be shown. */
  async thumbnail(port?: number): Promise<Buffer | undefined> {
    return (port === undefined ? this.#newestView : this.#views.get(port))?.thumbnail.newest()
  }

  /** The node stops. */
  close(): void {
    for (const view of this.#views.values()) view.forget()
    if (links.get(this.watched.node.id) === this) links.delete(this.watched.node.id)
  }
}

/** The frame that came last, and what of it is shown. */
class View {
  readonly thumbnail = new Thumbnail(() => this.picture)
  picture: PictureToEncode | undefined
  at = 0

  show(picture: PictureToEncode): void {
    this.picture = picture
    this.at = performance.now()
  }

  forget(): void {
    this.picture = undefined
    this.thumbnail.forget()
  }
}

/** One event for two in a row that tell the same and differ in how often it happened; otherwise undefined. */
function summedUp(before: NotedEvent | undefined, event: NotedEvent): NotedEvent | undefined {
  if (!before || !('count' in before) || !('count' in event)) return undefined
  if (!isDeepStrictEqual({ ...before, count: 0 }, { ...event, count: 0 })) return undefined
  return { ...event, count: before.count + event.count }
}
