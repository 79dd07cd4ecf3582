import type { Returned } from '../../lib/link/returned'
import { toJpeg } from '../../lib/video/codec'
import { identifyPictures, type PictureHints } from '../../lib/video/identify'
import { type JsonValue, parsePythonJson, toJson } from '../../lib/wire/json'

const JPEG_QUALITY = 90

/**
 * What a message wired into `netgear-in` sets as the return value: a picture where its payload holds bytes or a picture's data
 * URL, else its payload as JSON. Rejects with a `NetgearError` for what is neither.
 */
export async function readReturned(msg: PictureHints & { payload?: unknown }): Promise<Returned | undefined> {
  const { payload } = msg
  if (payload === undefined || payload === null) return undefined
  if (!holdsPicture(payload)) return { data: asJson(payload) }
  const [picture] = identifyPictures(payload, msg)
  if (!picture) return undefined
  const { data } = await toJpeg(picture, JPEG_QUALITY)
  return { picture: { encoding: 'jpeg', body: data } }
}

function holdsPicture(payload: unknown): boolean {
  if (typeof payload === 'string') return /^data:image\//i.test(payload)
  if (typeof payload !== 'object' || payload === null) return false
  if (ArrayBuffer.isView(payload)) return true
  if (Array.isArray(payload)) return payload.length > 0 && payload.every((part) => ArrayBuffer.isView(part))
  if ('data' in payload && ArrayBuffer.isView(payload.data)) return true
  return 'bitmap' in payload
}

/** A copy as JSON has it, taken now: the flow may change the object later. */
function asJson(value: unknown): JsonValue {
  return parsePythonJson(toJson(value))
}
