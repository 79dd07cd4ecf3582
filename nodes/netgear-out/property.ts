import type { Node, NodeAPI, NodeMessage } from 'node-red'

/**
 * Evaluates a typedInput. `msg.x`, by far the most frequent, is read at once; the other kinds may take a while and come as a promise.
 * An empty or absent property means `msg.<fallback>`. A property that the message does not have is undefined.
 */
export function evaluateProperty(
  RED: NodeAPI,
  node: Node,
  msg: NodeMessage,
  property: string | undefined,
  type: string | undefined,
  fallback: string,
): unknown {
  if (type === undefined || type === '' || type === 'msg') return RED.util.getMessageProperty(msg, property || fallback)
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(property ?? '', type, node, msg, (error, value) => {
      if (error) reject(error)
      else resolve(value)
    })
  })
}
