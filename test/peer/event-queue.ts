import type { EventName, EventOf, PeerEvent } from './protocol'

interface Waiter {
  isWanted(event: PeerEvent): boolean
  resolve(event: PeerEvent): void
  reject(error: Error): void
}

/** Events in the order in which they came, each kept until somebody asks for it, so that none is missed. */
export class EventQueue {
  readonly #unclaimed: PeerEvent[] = []
  readonly #waiters = new Set<Waiter>()
  #ended: Error | undefined

  push(event: PeerEvent): void {
    const waiter = [...this.#waiters].find((candidate) => candidate.isWanted(event))
    if (waiter) waiter.resolve(event)
    else this.#unclaimed.push(event)
  }

  /** No more events: whoever waits, or asks for one that is not there, gets the error. */
  end(error: Error): void {
    this.#ended = error
    for (const waiter of this.#waiters) waiter.reject(error)
  }

  /** The events of that name that nobody took, oldest first; they stay. */
  unclaimed<Name extends EventName>(name: Name): EventOf<Name>[] {
    return this.#unclaimed.filter((event): event is EventOf<Name> => event.event === name)
  }

  /**
   * Takes the oldest unclaimed event with one of these names that `matches`, or the first such to come.
   *
   * @throws Error if none comes in `timeoutMs`, or if the queue ends before.
   */
  next<Name extends EventName>(
    names: Name[],
    matches: (event: EventOf<Name>) => boolean,
    timeoutMs: number,
  ): Promise<EventOf<Name>> {
    const isWanted = (event: PeerEvent): event is EventOf<Name> =>
      names.some((name) => name === event.event) && matches(event as EventOf<Name>)
    const index = this.#unclaimed.findIndex(isWanted)
    if (index >= 0) return Promise.resolve(this.#unclaimed.splice(index, 1)[0] as EventOf<Name>)
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        isWanted,
        resolve: (event) => settle(() => resolve(event as EventOf<Name>)),
        reject: (error) => settle(() => reject(error)),
      }
      const settle = (outcome: () => void) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        outcome()
      }
      const timer = setTimeout(() => {
        const unclaimed = this.#unclaimed.map((event) => event.event).join(', ') || 'none'
        waiter.reject(
          new Error(`no ${names.join(' or ')} that was asked for in ${timeoutMs} ms; unclaimed: ${unclaimed}`),
        )
      }, timeoutMs)
      this.#waiters.add(waiter)
    })
  }
}
