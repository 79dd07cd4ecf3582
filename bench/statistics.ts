/** The median of the values that are there; undefined of none. */
export function median(values: readonly (number | undefined | null)[]): number | undefined {
  const sorted = values.filter((value): value is number => typeof value === 'number').sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
