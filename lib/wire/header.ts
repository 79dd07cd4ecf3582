import { isUtf8 } from 'node:buffer'
import { NetgearError } from './error'
import { excerpt } from './excerpt'
import { type JsonValue, parsePythonJson } from './json'

export type Header = { [key: string]: JsonValue }

/** A port as its user wrote it: NetGear tells the text `"5555"` from the number `5555`. */
export type Port = string | number

/**
 * Reads a message's first part: a JSON object in UTF-8 of at most `maxBytes` bytes.
 *
 * @throws {NetgearError} `NETGEAR_HEADER_TOO_LARGE`, `NETGEAR_HEADER_NOT_JSON`, or `NETGEAR_HEADER_INVALID` for JSON that is
 *   not an object.
 */
export function parseHeader(part: Buffer, maxBytes: number): Header {
  if (part.length > maxBytes) {
    throw new NetgearError(
      'NETGEAR_HEADER_TOO_LARGE',
      `The header has ${part.length} bytes, more than the ${maxBytes} accepted: send less data with each frame.`,
    )
  }
  const header = parseJson(part)
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new NetgearError('NETGEAR_HEADER_INVALID', `The header is JSON but not an object: ${beginning(part)}.`)
  }
  return header
}

function parseJson(part: Buffer): JsonValue {
  const advice = 'the sender is neither NetGear nor imagezmq'
  const text = part.toString('utf8')
  // What is not UTF-8 is replaced by this character, which may also stand there itself.
  if (text.includes('\ufffd') && !isUtf8(part)) {
    throw new NetgearError('NETGEAR_HEADER_NOT_JSON', `The header is not UTF-8: ${beginning(part)}; ${advice}.`)
  }
  try {
    return parsePythonJson(text)
  } catch (error) {
    if (!(error instanceof NetgearError)) throw error
    const reason = `The header is not JSON: ${beginning(part)}; ${advice} (${error.message})`
    throw new NetgearError('NETGEAR_HEADER_NOT_JSON', reason, { cause: error })
  }
}

function beginning(part: Buffer): string {
  return excerpt(part.toString('latin1', 0, 80))
}

/** Whether Python takes the value for true; `terminate_flag` and `compression` are tested like that in NetGear. */
export function isTruthy(value: JsonValue | undefined): boolean {
  if (typeof value === 'number') return value !== 0
  if (typeof value !== 'object' || value === null) return Boolean(value)
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0
}

/** Whether others will take the text for a sender's name: 1 to 200 characters, none of them a control character. */
export function isSenderName(text: string): boolean {
  return text.length >= 1 && text.length <= 200 && !/\p{Cc}/u.test(text)
}

/**
 * The header's `port`, `undefined` when absent or `null`.
 *
 * @throws {NetgearError} `NETGEAR_HEADER_INVALID` when it is neither a number nor a text of 1 to 200 printable characters.
 */
export function readPort(header: Header): Port | undefined {
  const port = header.port ?? undefined
  if (port === undefined) return undefined
  if (typeof port === 'string' && isSenderName(port)) return port
  if (typeof port === 'number' && Number.isFinite(port)) return port
  throw new NetgearError(
    'NETGEAR_HEADER_INVALID',
    `The header's "port" must be a number or text, not ${excerpt(port)}.`,
  )
}
