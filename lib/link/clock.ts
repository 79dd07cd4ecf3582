const MAX_DEVIATION_MS = 2

let offset = Date.now() - performance.now()

/** The wall clock in ms since 1970, finer than a millisecond, following its corrections over months. */
export function wallClockMs(): number {
  const monotonic = performance.now()
  const deviation = Date.now() - (monotonic + offset)
  if (Math.abs(deviation) > MAX_DEVIATION_MS) offset += deviation
  return monotonic + offset
}
