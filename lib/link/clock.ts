const MAX_DEVIATION_MS = 2
/** No frame is under way for so long: two clocks that say so do not agree. */
const MOST_UNDER_WAY_MS = 60_000

let offset = Date.now() - performance.now()

/** The wall clock in ms since 1970, finer than a millisecond, following its corrections over months. */
export function wallClockMs(): number {
  const monotonic = performance.now()
  const deviation = Date.now() - (monotonic + offset)
  if (Math.abs(deviation) > MAX_DEVIATION_MS) offset += deviation
  return monotonic + offset
}

/** How long a frame was under way that another machine's clock stamped, in ms; undefined where the clocks are a minute apart or more. */
export function latencySince(timestamp: number | undefined): number | undefined {
  if (timestamp === undefined) return undefined
  const latency = wallClockMs() - timestamp
  return Math.abs(latency) < MOST_UNDER_WAY_MS ? latency : undefined
}
