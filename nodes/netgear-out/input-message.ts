import type { Node, NodeAPI, NodeMessage } from 'node-red'
import type { PictureHints } from '../../lib/video/identify'
import type { NetgearOutOptions } from './netgear-out.options'
import { evaluateProperty } from './property'

export type InputMessage = NodeMessage & PictureHints & { complete?: unknown }

/** What a message is for: a frame with the data that travels with it, or the end of the stream. */
export type Input = { kind: 'frame'; frame: unknown; data: unknown } | { kind: 'end' }

/** Reads what a message holds, at once where its properties are read from the message itself. Throws or rejects as Node-RED does. */
export function readInput(
  RED: NodeAPI,
  node: Node,
  msg: InputMessage,
  config: Pick<NetgearOutOptions, 'frame' | 'frameType' | 'data' | 'dataType'>,
): Input | Promise<Input> {
  const withData = (frame: unknown): Input | Promise<Input> => {
    if (msg.complete === true && (frame === undefined || frame === null || frame === '')) return { kind: 'end' }
    const data = evaluateProperty(RED, node, msg, config.data, config.dataType, 'data')
    return data instanceof Promise
      ? data.then((data): Input => ({ kind: 'frame', frame, data }))
      : { kind: 'frame', frame, data }
  }
  const frame = evaluateProperty(RED, node, msg, config.frame, config.frameType, 'payload')
  return frame instanceof Promise ? frame.then(withData) : withData(frame)
}
