import { NetgearError } from './error'
import { excerpt } from './excerpt'
import { type Header, type Port, parseHeader, readPort } from './header'
import { type JsonText, type JsonValue, toJson } from './json'
import { DEFAULT_LIMITS, type WireLimits } from './message'
import { decodePicture, describePicture, type Picture, type PictureToEncode } from './picture'

/**
 * What a receiver gave back for a frame. `received` says no more than that: it is what plain receivers answer, and
 * imagezmq's hubs.
 */
export type Answer =
  | { kind: 'received' }
  | { kind: 'data'; data: JsonValue; port?: Port }
  | { kind: 'picture'; frame: Picture; port?: Port }

/**
 * An answer with a value, in the one form that every kind of NetGear sender reads when `port` is given, bidirectional and
 * multi-client ones too; the plain ones take any single part.
 *
 * @throws {NetgearError} `NETGEAR_DATA_NOT_JSON`.
 */
export function encodeAnswer({
  port,
  returned,
}: {
  port?: Port | undefined
  returned?: JsonValue | JsonText | undefined
}): [Buffer] {
  const data = toJson(returned)
  return [Buffer.from(`{${portKey(port)}"return_type": "${pythonTypeName(data)}", "data": ${data}}`, 'latin1')]
}

/**
 * An answer with a picture, which only NetGear senders with the bidirectional mode turned on can read: on others its second
 * part does harm. The body is not copied.
 *
 * @throws {NetgearError} `NETGEAR_FRAME_EMPTY`, `NETGEAR_NOT_JPEG`, `NETGEAR_DTYPE`, `NETGEAR_SHAPE_MISMATCH`.
 */
export function encodePictureAnswer({
  port,
  frame,
}: {
  port?: Port | undefined
  frame: PictureToEncode
}): [Buffer, Buffer] {
  const { compression, dtype, shape } = describePicture(frame)
  const picture = `"compression": ${compression}, "array_dtype": ${dtype}, "array_shape": ${shape}, "data": null`
  return [Buffer.from(`{${portKey(port)}"return_type": "ndarray", ${picture}}`, 'latin1'), frame.body]
}

function portKey(port: Port | undefined): string {
  return port === undefined ? '' : `"port": ${toJson(port)}, `
}

/** The type as which Python will read the JSON text. */
function pythonTypeName(json: string): string {
  switch (json[0]) {
    case '{':
      return 'dict'
    case '[':
      return 'list'
    case '"':
      return 'str'
    case 't':
    case 'f':
      return 'bool'
    case 'n':
      return 'NoneType'
    default:
      return /[.e]/.test(json) ? 'float' : 'int'
  }
}

/**
 * Reads what came back for a frame or an end of stream, from any NetGear receiver (plain, bidirectional, multi-client) or
 * imagezmq hub; an empty delimiter part in front has to be taken off before. One part that does not begin with `{` is text
 * and means `received`, whatever it says.
 *
 * @throws {NetgearError} `NETGEAR_PARTS`, `NETGEAR_ANSWER_INVALID`, the header codes and the picture codes of `decodeMessage`.
 */
export function decodeAnswer(parts: readonly Buffer[], limits: WireLimits = DEFAULT_LIMITS): Answer {
  const [head, body] = parts
  if (head === undefined || parts.length > 2) {
    throw new NetgearError('NETGEAR_PARTS', `The answer has ${parts.length} parts: one or two were expected.`)
  }
  if (body === undefined && head[0] !== 0x7b) return { kind: 'received' }
  const header = parseHeader(head, limits.headerBytes)
  const type = header.return_type
  if (typeof type !== 'string') {
    throw invalid(`its "return_type" must be the name of a Python type, not ${excerpt(type)}`)
  }
  const port = readPort(header)
  const from = port === undefined ? {} : { port }
  if (type === 'ndarray') return { kind: 'picture', frame: decodeReturnedPicture(header, body, limits), ...from }
  if (body !== undefined) {
    const text = `The answer returns ${excerpt(type)} but has two parts: only an "ndarray" has a second one.`
    throw new NetgearError('NETGEAR_PARTS', text)
  }
  if (header.data === undefined) throw invalid('it has no "data"')
  return { kind: 'data', data: header.data, ...from }
}

function decodeReturnedPicture(header: Header, body: Buffer | undefined, limits: WireLimits): Picture {
  if (body === undefined) {
    throw new NetgearError(
      'NETGEAR_PARTS',
      'The answer announces a picture ("ndarray"), but its second part is missing.',
    )
  }
  const { compression, array_dtype, array_shape } = header
  return decodePicture({ compression, dtype: array_dtype, shape: array_shape }, body, limits)
}

function invalid(why: string): NetgearError {
  return new NetgearError('NETGEAR_ANSWER_INVALID', `The answer is not one of a NetGear receiver: ${why}.`)
}
