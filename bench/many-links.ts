import { keysFor, type LinkSettings, netgearIn, netgearOut, SINK, source } from './flows'
import { startNodeRed, type Workshop } from './node-red'
import type { RunningSubject } from './running-subject'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

/** One sender that binds, and so many netgear-in that connect to it, in one Node-RED, each with a sink of its own. */
export async function oneToMany(count: number, settings: LinkSettings, workshop: Workshop): Promise<RunningSubject> {
  const { keysOf } = keysFor(settings.security)
  const [out, into] = [keysOf('sender'), keysOf('receiver')]
  const receivers = numbers(count).flatMap((number) => [
    netgearIn(settings, { id: `in${number}`, mode: 'connect', wires: [[`sink${number}`]] }),
    { ...SINK, id: `sink${number}` },
  ])
  return {
    sender: await startNodeRed(workshop, {
      ...out,
      nodes: [...out.nodes, source(settings), netgearOut(settings, { mode: 'bind' })],
    }),
    receiver: await startNodeRed(workshop, { ...into, nodes: [...into.nodes, ...receivers] }),
  }
}

/** So many cameras, each with a netgear-out of its own, in one Node-RED, and one netgear-in. */
export async function manyToOne(count: number, settings: LinkSettings, workshop: Workshop): Promise<RunningSubject> {
  const { keysOf } = keysFor(settings.security)
  const [out, into] = [keysOf('sender'), keysOf('receiver')]
  const senders = numbers(count).flatMap((number) => [
    source(settings, { id: `source${number}`, wires: [[`out${number}`]] }),
    netgearOut(settings, { id: `out${number}`, name: `camera ${number}` }),
  ])
  return {
    receiver: await startNodeRed(workshop, { ...into, nodes: [...into.nodes, netgearIn(settings), SINK] }),
    sender: await startNodeRed(workshop, { ...out, nodes: [...out.nodes, ...senders] }),
  }
}
