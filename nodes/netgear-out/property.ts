import type { Node, NodeAPI, NodeMessage } from 'node-red'

/** Reads one property of each message: at once, or with a promise that rejects as Node-RED does. */
export type PropertyReader = (msg: NodeMessage) => unknown

const PLAIN_NAME = /^[a-z]\w*$/i

/**
 * How a typedInput is evaluated. `msg.x`, by far the most frequent, is read at once; the other kinds may take a while and come as a
 * promise. An empty or absent property means `msg.<fallback>`. A property that the message does not have is undefined.
 */
export function propertyReader(
  RED: NodeAPI,
  node: Node,
  property: string | undefined,
  type: string | undefined,
  fallback: string,
): PropertyReader {
  if (type === undefined || type === '' || type === 'msg') {
    const path = property || fallback
    // Node-RED takes the path apart anew for each message.
    if (PLAIN_NAME.test(path)) return (msg) => (msg as unknown as Record<string, unknown>)[path]
    return (msg) => nestedProperty(RED, msg, path)
  }
  return (msg) =>
    new Promise((resolve, reject) => {
      RED.util.evaluateNodeProperty(property ?? '', type, node, msg, (error, value) => {
        if (error) reject(error)
        else resolve(value)
      })
    })
}

/** Where what should hold it is not there either, Node-RED throws a TypeError; for a path that is none, an Error of its own. */
function nestedProperty(RED: NodeAPI, msg: NodeMessage, path: string): unknown {
  try {
    return RED.util.getMessageProperty(msg, path)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
