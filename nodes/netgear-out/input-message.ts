import type { Node, NodeAPI, NodeMessage } from 'node-red'
import type { PictureHints } from '../../lib/video/identify'
import type { NetgearOutOptions } from './netgear-out.options'
import { propertyReader } from './property'

export type InputMessage = NodeMessage & PictureHints & { complete?: unknown }

/** What a message is for: a frame with the data that travels with it, or the end of the stream. */
export type Input = { kind: 'frame'; frame: unknown; data: unknown } | { kind: 'end' }

/** How what messages hold is read: at once where its properties are read from the message itself. Throws or rejects as Node-RED does. */
export function inputReader(
  RED: NodeAPI,
  node: Node,
  config: Pick<NetgearOutOptions, 'frame' | 'frameType' | 'data' | 'dataType'>,
): (msg: InputMessage) => Input | Promise<Input> {
  const frameOf = propertyReader(RED, node, config.frame, config.frameType, 'payload')
  const dataOf = propertyReader(RED, node, config.data, config.dataType, 'data')
  const withData = (msg: InputMessage, frame: unknown): Input | Promise<Input> => {
    if (msg.complete === true && isNothing(frame)) return { kind: 'end' }
    const data = dataOf(msg)
    return data instanceof Promise
      ? data.then((data): Input => ({ kind: 'frame', frame, data }))
      : { kind: 'frame', frame, data }
  }
  return (msg) => {
    const frame = frameOf(msg)
    return frame instanceof Promise ? frame.then((frame) => withData(msg, frame)) : withData(msg, frame)
  }
}

/** Whether there is no picture to be seen in it: nothing, or an empty text, Buffer or array. */
function isNothing(frame: unknown): boolean {
  if (frame === undefined || frame === null || frame === '') return true
  if (ArrayBuffer.isView(frame)) return frame.byteLength === 0
  return Array.isArray(frame) && frame.length === 0
}
