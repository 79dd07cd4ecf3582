import type { NodeMessage } from 'node-red'
import type { Arrival } from '../../lib/link/receiving-link'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import type { PixelOrder, RawPicture } from '../../lib/video/picture'
import { isWholeJpeg } from '../../lib/video/whole-jpeg'
import { NetgearError } from '../../lib/wire/error'
import type { JsonValue } from '../../lib/wire/json'
import type { WireFrame } from '../../lib/wire/message'

/** What leaves the node as the frame's pixels or JPEG. */
export interface OutputPicture {
  payload: Buffer
  encoding: 'jpeg' | 'raw'
  width: number
  height: number
  channels: number
  dtype: string
  colorspace: string | undefined
}

/** Refuses a JPEG that no consumer could read: its header is checked and its end must be there. Throws a `NetgearError`. */
export function checkJpegFrame(frame: WireFrame, maxPixels: number): void {
  if (frame.encoding !== 'jpeg') return
  const { width, height } = readJpegHeader(frame.body)
  if (width * height > maxPixels) {
    throw new NetgearError(
      'NETGEAR_PICTURE_TOO_LARGE',
      `The JPEG announces ${width} x ${height} pixels, more than the ${maxPixels} accepted.`,
    )
  }
  if (isWholeJpeg(frame.body)) return
  throw new NetgearError(
    'NETGEAR_JPEG_TRUNCATED',
    `The JPEG of ${width} x ${height} has no end after ${frame.body.length} bytes.`,
  )
}

/** A frame as it came. */
export function untouched(frame: WireFrame): OutputPicture {
  if (frame.encoding === 'raw') {
    const { body, width, height, channels, dtype, colorspace } = frame
    return { payload: body, encoding: 'raw', width, height, channels, dtype, colorspace }
  }
  const { width, height, channels } = readJpegHeader(frame.body)
  return {
    payload: frame.body,
    encoding: 'jpeg',
    width,
    height,
    channels,
    dtype: 'uint8',
    colorspace: frame.colorspace,
  }
}

/** A frame as the codecs take it. Throws `NETGEAR_DEPTH` for raw frames that are not 8 bits deep or have no known order of colours. */
export function toPicture(
  frame: WireFrame,
): RawPicture | { kind: 'jpeg'; data: Buffer; width: number; height: number; channels: number } {
  if (frame.encoding === 'jpeg') return { kind: 'jpeg', data: frame.body, ...readJpegHeader(frame.body) }
  const { body, width, height, dtype, colorspace: order } = frame
  const channels = frame.channels
  if (
    (dtype !== 'uint8' && dtype !== 'bool') ||
    order === undefined ||
    (channels !== 1 && channels !== 3 && channels !== 4)
  ) {
    throw new NetgearError(
      'NETGEAR_DEPTH',
      `A frame of ${channels} channels of ${dtype} came, which is no picture of 8 bits: set Output to "as it came", or send uint8.`,
    )
  }
  return { kind: 'raw', data: body, width, height, channels, order }
}

/** Decoded pixels as they leave the node. */
export function pixelsOut({ data, width, height, channels, order }: RawPicture): OutputPicture {
  return {
    payload: data,
    encoding: 'raw',
    width,
    height,
    channels,
    dtype: 'uint8',
    colorspace: order satisfies PixelOrder,
  }
}

/** What `msg.netgear` says of a frame. */
interface FrameFigures extends Omit<OutputPicture, 'payload'> {
  type: 'frame'
  port: number
  from?: string
  peer?: string
  seq?: number
  lost: number
  timestamp?: number
  latency?: number
}

/** The message for one frame: a new object each time, because Node-RED hands the first receiver the very one. */
export function frameMessage(
  picture: OutputPicture,
  frame: WireFrame,
  arrival: Arrival,
  nodeName: string,
): NodeMessage & { netgear: object } {
  const { payload, encoding, width, height, channels, dtype, colorspace } = picture
  const { port, lost, latency, peer } = arrival
  const { from, seq, timestamp, port: senderPort } = frame
  // Written key by key: objects spread into others would take as long as all that was done to the frame before.
  const netgear: FrameFigures = { type: 'frame', encoding, width, height, channels, dtype, colorspace, port, lost }
  if (from) netgear.from = from
  if (peer?.name) netgear.peer = peer.name
  if (seq !== undefined) netgear.seq = seq
  if (timestamp !== undefined) netgear.timestamp = timestamp
  if (latency !== undefined) netgear.latency = latency
  const topic = from || (senderPort === undefined ? nodeName : String(senderPort))
  const message: NodeMessage & { netgear: object; data?: JsonValue } = { payload, topic, netgear }
  if (frame.data !== undefined) message.data = frame.data
  return message
}
