/** A port of a node by what it is for; a node's ports stand in wire order. */
export type Port = 'frames' | 'returned' | 'events'

/**
 * What the editor wants in a node's `outputs` field so that wires stay on the port they were drawn from.
 *
 * @param before the ports as saved
 * @param after the ports as chosen now
 * @returns the number of ports when nothing moves, else a map (JSON) from old index to new, -1 for a port that goes
 */
export function outputsField(before: readonly Port[], after: readonly Port[]): string {
  if (before.join() === after.join()) return String(after.length)
  const moves: Record<string, number> = {}
  before.forEach((port, index) => {
    moves[index] = after.indexOf(port)
  })
  after.forEach((port, index) => {
    if (!before.includes(port)) moves[`new-${port}`] = index
  })
  return JSON.stringify(moves)
}
