import type { NodeMessage } from 'node-red'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import type { Answer } from '../../lib/wire/answer'
import type { Picture } from '../../lib/wire/picture'

/** What a receiver returned, as the message that leaves the node; undefined where it returned nothing. Throws for a broken JPEG. */
export function returnedMessage(answer: Answer, port: number): (NodeMessage & { netgear: object }) | undefined {
  if (answer.kind === 'received') return undefined
  const topic = String(answer.port ?? port)
  if (answer.kind === 'picture') {
    const { frame } = answer
    return { payload: frame.body, topic, netgear: { type: 'returned', port, ...describe(frame) } }
  }
  if (answer.data === null) return undefined
  return { payload: answer.data, topic, netgear: { type: 'returned', port } }
}

function describe(picture: Picture): object {
  const { encoding, colorspace } = picture
  if (picture.encoding === 'jpeg') {
    const { width, height, channels } = readJpegHeader(picture.body)
    return { encoding, width, height, channels, dtype: 'uint8', colorspace }
  }
  const { width, height, channels, dtype } = picture
  return { encoding, width, height, channels, dtype, colorspace }
}
