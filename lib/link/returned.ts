import { encodeAnswer, encodePictureAnswer } from '../wire/answer'
import { NetgearError } from '../wire/error'
import type { JsonValue } from '../wire/json'
import type { WireEnd, WireFrame } from '../wire/message'
import type { PictureToEncode } from '../wire/picture'

/** What goes back with the answers of a lock-step pattern. */
export type Returned = { data: JsonValue } | { picture: PictureToEncode }

/**
 * The parts of the answer to a message, in its dialect; undefined is a message that could not be read. What is to be returned may have
 * been changed since it was set: if it cannot be sent any more, `unusable` is told so and the answer is one without it.
 */
export function answerTo(
  message: WireFrame | WireEnd | undefined,
  returned: Returned | undefined,
  port: number,
  unusable: (error: NetgearError) => void,
): Buffer[] {
  if (message?.kind === 'frame' && message.dialect === 'imagezmq') return [Buffer.from('OK')]
  try {
    if (message?.kind === 'frame' && returned && 'picture' in returned) {
      return encodePictureAnswer({ port: String(port), frame: returned.picture })
    }
    return encodeAnswer({ port: String(port), returned: returned && 'data' in returned ? returned.data : undefined })
  } catch (error) {
    unusable(changedSince(error))
    return encodeAnswer({ port: String(port) })
  }
}

function changedSince(cause: unknown): NetgearError {
  const { code, message } = cause instanceof NetgearError ? cause : new NetgearError('NETGEAR_INVALID', String(cause))
  return new NetgearError(
    code,
    `What is to go back with the answers cannot be sent any more and is left out: ${message} If something in the flow changed it ` +
      '(or handed its Buffer to a worker) after it was set, let it do so with a copy.',
    { cause },
  )
}
