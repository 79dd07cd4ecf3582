/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** What the promise resolves to, or undefined as soon as the signal aborts; what comes of it after that is ignored, a failure too. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const result = await Promise.race([promise, aborted(signal)])
  return result === undefined ? undefined : result
}
