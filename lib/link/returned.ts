import { encodeAnswer, encodePictureAnswer } from '../wire/answer'
import type { JsonValue } from '../wire/json'
import type { WireEnd, WireFrame } from '../wire/message'
import type { PictureToEncode } from '../wire/picture'

/** What goes back with the answers of a lock-step pattern. */
export type Returned = { data: JsonValue } | { picture: PictureToEncode }

/** The parts of the answer to a message, in its dialect; undefined is a message that could not be read. */
export function answerTo(
  message: WireFrame | WireEnd | undefined,
  returned: Returned | undefined,
  port: number,
): Buffer[] {
  if (message?.kind === 'frame' && message.dialect === 'imagezmq') return [Buffer.from('OK')]
  if (message?.kind === 'frame' && returned && 'picture' in returned) {
    return encodePictureAnswer({ port: String(port), frame: returned.picture })
  }
  return encodeAnswer({ port: String(port), returned: returned && 'data' in returned ? returned.data : undefined })
}
