import type { NodeAPI } from 'node-red'

type Events = NodeAPI['events']

const waiting = new WeakMap<Events, Set<() => void>>()

/**
 * Calls back each time Node-RED has started flows: then all nodes of a deploy are there. Node-RED warns of more than ten listeners, so
 * that all of ours are one.
 *
 * @returns ends it
 */
export function onFlowsStarted({ events }: Pick<NodeAPI, 'events'>, callback: () => void): () => void {
  const callbacks = waiting.get(events) ?? new Set()
  if (!waiting.has(events)) {
    waiting.set(events, callbacks)
    events.on('flows:started', () => {
      for (const each of [...callbacks]) each()
    })
  }
  callbacks.add(callback)
  return () => callbacks.delete(callback)
}
