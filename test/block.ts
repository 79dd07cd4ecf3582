const NEVER = new Int32Array(new SharedArrayBuffer(4))

/** Keeps the event loop from turning for so long, and leaves the processor to others meanwhile. */
export function blockEventLoop(ms: number): void {
  Atomics.wait(NEVER, 0, 0, ms)
}
