/** Stable, documented name of one kind of error: users may match on it, its text may change. */
export type ErrorCode = `NETGEAR_${string}`

/**
 * Every error that this package raises on purpose. `message` says what is wrong, where, and what to do;
 * `code` stays the same over versions.
 */
export class NetgearError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NetgearError'
    this.code = code
  }
}

/** An error as one that tells what cannot be used: a `NetgearError` is the very object, any other becomes `NETGEAR_INVALID`. */
export function asInvalid(error: unknown): NetgearError {
  return error instanceof NetgearError ? error : new NetgearError('NETGEAR_INVALID', String(error), { cause: error })
}
