import type { LinkEvent, PeerIdentity } from '../../lib/link/link-events'

const MOST = 32

/** Somebody at the other end, and the port of ours over which. */
export type ConnectedPeer = PeerIdentity & { port?: number }

/**
 * Who is at the other end of a link, as far as its events tell. Where several peers share a port it is not known which of them has
 * left, so the list can then be longer than the number of those who are still there.
 */
export class ConnectedPeers {
  #peers: ConnectedPeer[] = []

  /** All who may be there, the one who came last at the end. */
  get list(): readonly ConnectedPeer[] {
    return this.#peers
  }

  /** Notes one event; `remaining` is the number of peers connected at its port after it. */
  note(event: LinkEvent, remaining: number): void {
    if (event.event === 'connected') this.#add(peerIn(event))
    if (event.event !== 'disconnected') return
    this.#remove(peerIn(event))
    if (remaining === 0) this.#peers = this.#peers.filter(({ port }) => port !== event.port)
  }

  #add(peer: ConnectedPeer): void {
    this.#remove(peer)
    this.#peers.push(peer)
    if (this.#peers.length > MOST) this.#peers.shift()
  }

  #remove(peer: ConnectedPeer): void {
    const same = (other: ConnectedPeer) =>
      other.port === peer.port && other.address === peer.address && other.publicKey === peer.publicKey
    const index = this.#peers.findIndex(same)
    if (index !== -1) this.#peers.splice(index, 1)
  }
}

function peerIn({ port, address, publicKey, name }: ConnectedPeer): ConnectedPeer {
  return {
    ...(port !== undefined && { port }),
    ...(address !== undefined && { address }),
    ...(publicKey !== undefined && { publicKey }),
    ...(name !== undefined && { name }),
  }
}
