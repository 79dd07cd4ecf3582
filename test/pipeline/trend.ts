/** A value that was measured at some time. */
export interface Sample {
  hours: number
  value: number
}

/** How much the value grows in an hour, by the straight line that fits best; NaN of fewer than three samples. */
export function growthPerHour(samples: readonly Sample[]): number {
  if (samples.length < 3) return Number.NaN
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, it) => sum + of(it), 0) / samples.length
  const middle = mean(({ hours }) => hours)
  const level = mean(({ value }) => value)
  const spread = mean(({ hours }) => (hours - middle) ** 2)
  return mean(({ hours, value }) => (hours - middle) * (value - level)) / spread
}
