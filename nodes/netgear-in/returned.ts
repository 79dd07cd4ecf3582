import type { Returned } from '../../lib/link/returned'
import { toJpeg } from '../../lib/video/codec'
import { identifyPictures, type PictureHints } from '../../lib/video/identify'
import type { Picture } from '../../lib/video/picture'
import { NetgearError } from '../../lib/wire/error'
import { JsonText } from '../../lib/wire/json'

const JPEG_QUALITY = 90
/** As of what travels with a frame. */
const MAX_DATA_CHARACTERS = 512 * 1024

/** What a message sets as the return value: JSON, a picture that may have to be encoded, or nothing any more. */
export type ValueToReturn =
  | { kind: 'nothing' }
  | { kind: 'data'; data: JsonText }
  | { kind: 'picture'; picture: Picture }

/**
 * Reads what a message wired into `netgear-in` sets as the return value: a picture where its payload holds bytes or a picture's data
 * URL, else its payload as JSON. Throws a `NetgearError` for what is neither, and `NETGEAR_DATA_TOO_LARGE` for data beyond half a MiB.
 */
export function readReturned(msg: PictureHints & { payload?: unknown }): ValueToReturn {
  const { payload } = msg
  if (payload === undefined || payload === null) return { kind: 'nothing' }
  if (!holdsPicture(payload)) return { kind: 'data', data: asJson(payload) }
  const [picture] = identifyPictures(payload, msg)
  return picture ? { kind: 'picture', picture } : { kind: 'nothing' }
}

/** The value as the link gives it back. Rejects as `toJpeg` does, and with `NETGEAR_FRAME_TOO_LARGE` for a JPEG beyond `frameBytes`. */
export async function encodeReturned(value: ValueToReturn, frameBytes: number): Promise<Returned | undefined> {
  if (value.kind === 'nothing') return undefined
  if (value.kind === 'data') return { data: value.data }
  const { data } = await toJpeg(value.picture, JPEG_QUALITY)
  if (data.length <= frameBytes) return { picture: { encoding: 'jpeg', body: data } }
  throw new NetgearError(
    'NETGEAR_FRAME_TOO_LARGE',
    `The picture to return has ${data.length} bytes as JPEG; at most ${frameBytes} are sent (limit frameMegabytes): return a smaller one.`,
  )
}

function holdsPicture(payload: unknown): boolean {
  if (typeof payload === 'string') return /^data:image\//i.test(payload)
  if (typeof payload !== 'object' || payload === null) return false
  if (ArrayBuffer.isView(payload)) return true
  if (Array.isArray(payload)) return payload.length > 0 && payload.every((part) => ArrayBuffer.isView(part))
  if ('data' in payload && ArrayBuffer.isView(payload.data)) return true
  return 'bitmap' in payload
}

/** As JSON, written now and once for all answers: the flow may change the object later. */
function asJson(value: unknown): JsonText {
  const json = JsonText.of(value)
  if (json.text.length <= MAX_DATA_CHARACTERS) return json
  throw new NetgearError(
    'NETGEAR_DATA_TOO_LARGE',
    `The value to return has ${json.text.length} characters as JSON; at most ${MAX_DATA_CHARACTERS} are sent.`,
  )
}
