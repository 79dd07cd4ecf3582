import { NetgearError } from './error'
import { excerpt } from './excerpt'
import { type Header, isSenderName, isTruthy, type Port, parseHeader, readPort } from './header'
import { type JsonValue, toJson } from './json'
import {
  decodePicture,
  describePicture,
  type JpegPicture,
  type Picture,
  type PictureLimits,
  type PictureToEncode,
  type RawPicture,
} from './picture'

/** NetGear's way of writing a frame, or that of the Python library imagezmq. */
export type Dialect = 'netgear' | 'imagezmq'

export interface WireLimits extends PictureLimits {
  headerBytes: number
}

export const DEFAULT_LIMITS: Readonly<WireLimits> = {
  headerBytes: 1024 ** 2,
  frameBytes: 64 * 1024 ** 2,
  pixels: 64_000_000,
}

/** The numbers that NetGear gives its patterns, as text, which is how its headers hold them. */
export const PATTERN_NUMBER = { pair: '0', reqrep: '1', pubsub: '2' } as const

export type PatternNumber = (typeof PATTERN_NUMBER)[keyof typeof PATTERN_NUMBER]

/** What a sender of ours says of itself; NetGear ignores these keys. */
interface Sender {
  from?: string
  /** 8 hex digits, random at each start of a sender: tells two senders without a name apart. */
  stream?: string
}

interface FrameEnvelope extends Sender {
  kind: 'frame'
  dialect: Dialect
  /** What travels with the frame; absent when that is `null`. */
  data?: JsonValue
  port?: Port
  pattern?: PatternNumber
  /** Counts the sender's frames from 0. */
  seq?: number
  /** The sender's clock in ms since 1970. */
  timestamp?: number
  /** The last frame once more, to keep the link alive: to be answered, not delivered. */
  repeat: boolean
}

export type JpegFrame = FrameEnvelope & JpegPicture
export type RawFrame = FrameEnvelope & RawPicture
export type WireFrame = JpegFrame | RawFrame

export interface WireEnd extends Sender {
  kind: 'end'
  port?: Port
}

/** A frame to send; `undefined` and absent mean the same. */
export type FrameToEncode = PictureToEncode & {
  pattern: PatternNumber
  /** Anything that `toJson` takes. */
  data?: unknown
  port?: Port | undefined
  seq?: number | undefined
  timestamp?: number | undefined
  /** A name for which `isSenderName` is false is ignored by receivers. */
  from?: string | undefined
  stream?: string | undefined
  repeat?: boolean | undefined
  dialect?: Dialect | undefined
}

const LATEST_DATE = 8.64e15

/**
 * Reads a message as it comes from a socket: two parts are a frame of NetGear or imagezmq, one part with a true
 * `terminate_flag` is the end of a stream. The body of the frame is the very part, not a copy. Keys of ours that hold
 * something else than they should are taken as absent.
 *
 * The format is that of vidgear 0.3.5 (`gears/netgear.py`) and imagezmq 1.2.0 (`SerializingSocket`).
 *
 * @throws {NetgearError} `NETGEAR_PARTS`, `NETGEAR_HEADER_TOO_LARGE`, `NETGEAR_HEADER_NOT_JSON`, `NETGEAR_HEADER_INVALID`,
 *   `NETGEAR_FRAME_EMPTY`, `NETGEAR_FRAME_TOO_LARGE`, `NETGEAR_NOT_JPEG`, `NETGEAR_DTYPE`, `NETGEAR_SHAPE_MISMATCH`; nothing else.
 */
export function decodeMessage(parts: readonly Buffer[], limits: WireLimits = DEFAULT_LIMITS): WireFrame | WireEnd {
  const [head, body] = parts
  if (head === undefined || parts.length > 2) {
    throw new NetgearError(
      'NETGEAR_PARTS',
      `The message has ${parts.length} parts: a header and a frame were expected.`,
    )
  }
  const header = parseHeader(head, limits.headerBytes)
  if (isTruthy(header.terminate_flag)) return asEnd(header)
  if (body === undefined) {
    const flag = excerpt(header.terminate_flag)
    const text = `The message has one part, but its "terminate_flag" is ${flag}: the frame is missing.`
    throw new NetgearError('NETGEAR_PARTS', text)
  }
  if (header.terminate_flag !== undefined) {
    const { compression, dtype, shape } = header
    return asFrame(decodePicture({ compression, dtype, shape }, body, limits), header, 'netgear', header.message)
  }
  if (header.msg !== undefined) {
    return asFrame(decodeImagezmqPicture(header, body, limits), header, 'imagezmq', header.msg)
  }
  throw new NetgearError(
    'NETGEAR_HEADER_INVALID',
    'The header has neither NetGear\'s "terminate_flag" nor imagezmq\'s "msg": the sender is neither of them.',
  )
}

function asEnd(header: Header): WireEnd {
  const end: WireEnd = { kind: 'end' }
  const port = readPort(header)
  if (port !== undefined) end.port = port
  addSender(end, header)
  return end
}

/** imagezmq tells a JPEG from pixels by what its header leaves out. */
function decodeImagezmqPicture({ dtype, shape }: Header, body: Buffer, limits: WireLimits): Picture {
  const isJpeg = dtype === undefined && shape === undefined
  return decodePicture({ compression: isJpeg ? { colorspace: 'BGR' } : false, dtype, shape }, body, limits)
}

/** Makes a frame of its picture. Written to the very object: each spread would take as long as reading the header's JSON. */
function asFrame(picture: Picture, header: Header, dialect: Dialect, data: JsonValue | undefined): WireFrame {
  const { seq, ts } = header
  const port = readPort(header)
  const pattern = Object.values(PATTERN_NUMBER).find((number) => number === header.pattern)
  const frame = picture as WireFrame
  frame.kind = 'frame'
  frame.dialect = dialect
  if (data !== undefined && data !== null) frame.data = data
  if (port !== undefined) frame.port = port
  if (pattern !== undefined) frame.pattern = pattern
  if (isWithin(seq, Number.MAX_SAFE_INTEGER) && Number.isInteger(seq)) frame.seq = seq
  if (isWithin(ts, LATEST_DATE)) frame.timestamp = ts
  addSender(frame, header)
  frame.repeat = header.repeat === true
  return frame
}

function addSender(message: Sender, { from, stream }: Header): void {
  if (typeof from === 'string' && isSenderName(from)) message.from = from
  if (typeof stream === 'string' && /^[0-9a-f]{8}$/i.test(stream)) message.stream = stream
}

function isWithin(value: JsonValue | undefined, max: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= max
}

/**
 * The two parts of a frame: a header whose bytes are NetGear's own as long as none of our keys is given, and the body itself,
 * not copied. imagezmq's header holds only `msg`, for which a sender without data gives its name.
 *
 * @throws {NetgearError} `NETGEAR_DATA_NOT_JSON`, and for a picture that receivers could not read `NETGEAR_FRAME_EMPTY`,
 *   `NETGEAR_NOT_JPEG`, `NETGEAR_DTYPE`, `NETGEAR_SHAPE_MISMATCH`.
 */
export function encodeFrame(frame: FrameToEncode): [Buffer, Buffer] {
  const header = frame.dialect === 'imagezmq' ? imagezmqHeader(frame) : netgearHeader(frame)
  return [Buffer.from(header, 'latin1'), frame.body]
}

function netgearHeader(frame: FrameToEncode): string {
  const { compression, dtype, shape } = describePicture(frame)
  const port = frame.port === undefined ? '' : `"port": ${toJson(frame.port)}, `
  const picture = `"pattern": "${frame.pattern}", "dtype": ${dtype}, "shape": ${shape}`
  const head = `${port}"terminate_flag": false, "compression": ${compression}, "message": ${toJson(frame.data)}, ${picture}`
  const count = optional('seq', frame.seq) + optional('ts', frame.timestamp)
  return `{${head}${count}${senderKeys(frame.from, frame.stream)}${frame.repeat === true ? ', "repeat": true' : ''}}`
}

function imagezmqHeader(frame: FrameToEncode): string {
  const { dtype, shape } = describePicture(frame)
  const picture = frame.encoding === 'raw' ? `, "dtype": ${dtype}, "shape": ${shape}` : ''
  return `{"msg": ${toJson(frame.data ?? frame.from ?? '')}${picture}}`
}

/** The one part that ends a stream. NetGear wants the `port` exactly if, and of the type that, its frames had it. */
export function encodeEnd(
  port?: Port,
  sender: { from?: string | undefined; stream?: string | undefined } = {},
): [Buffer] {
  const keys = optional('port', port) + senderKeys(sender.from, sender.stream)
  return [Buffer.from(`{"terminate_flag": true${keys}}`, 'latin1')]
}

function senderKeys(from: string | undefined, stream: string | undefined): string {
  return optional('from', from) + optional('stream', stream)
}

function optional(key: string, value: string | number | undefined): string {
  return value === undefined ? '' : `, "${key}": ${toJson(value)}`
}
