/** Does `work`, unless it is under way already: then it gives undefined. */
export function oneAtATime<Arguments extends unknown[], Result>(
  work: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result | undefined> {
  let busy = false
  return async (...given) => {
    if (busy) return undefined
    busy = true
    try {
      return await work(...given)
    } finally {
      busy = false
    }
  }
}
