import { keysFor, type LinkSettings, netgearIn, netgearOut, SINK, source } from './flows'
import { startNodeRed, type Workshop } from './node-red'
import type { RunningSubject } from './running-subject'

export interface NodeSettings {
  in?: object
  out?: object
  sink?: object
  execArgv?: string[]
}

/** Two Node-REDs: source -> netgear-out | netgear-in -> sink, with other properties than usual for some of the nodes. */
export async function startRuntimes(
  settings: LinkSettings,
  workshop: Workshop,
  nodes: NodeSettings,
): Promise<RunningSubject> {
  const { keysOf } = keysFor(settings.security)
  const [out, into] = [keysOf('sender'), keysOf('receiver')]
  const receiving = [...into.nodes, netgearIn(settings, nodes.in), { ...SINK, ...nodes.sink }]
  const sending = [...out.nodes, source(settings), netgearOut(settings, nodes.out)]
  const options = { ...(nodes.execArgv && { execArgv: nodes.execArgv }) }
  return {
    receiver: await startNodeRed(workshop, { ...into, nodes: receiving }, options),
    sender: await startNodeRed(workshop, { ...out, nodes: sending }, options),
  }
}

export async function closeSubject({ sender, receiver }: RunningSubject): Promise<void> {
  await Promise.all([sender.kill(), receiver.kill()])
}
