import { encodeAnswer, encodePictureAnswer } from '../wire/answer'
import type { NetgearError } from '../wire/error'
import type { JsonText, JsonValue } from '../wire/json'
import type { WireEnd, WireFrame } from '../wire/message'
import type { PictureToEncode } from '../wire/picture'
import { changedSince } from './changed-since'

/** What goes back with the answers of a lock-step pattern. A large value is best given as `JsonText`, which is written only once. */
export type Returned = { data: JsonValue | JsonText } | { picture: PictureToEncode }

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
    unusable(changedSince('What is to go back with the answers is left out', error))
    return encodeAnswer({ port: String(port) })
  }
}
