import { asInvalid, NetgearError } from '../wire/error'

/** Why a picture or data that was usable when the flow handed it over is so no more; `consequence`: what therefore does not happen. */
export function changedSince(consequence: string, cause: unknown): NetgearError {
  const { code, message } = asInvalid(cause)
  return new NetgearError(
    code,
    `${consequence}, because something in the flow changed it (or handed its Buffer to a worker) after it had handed it over: ` +
      `let it do so with a copy. ${message}`,
    { cause },
  )
}
