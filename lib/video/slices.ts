import { setImmediate as nextTurn } from 'node:timers/promises'

/** Done within a few milliseconds. A multiple of 4, so that a slice of 3 or 4 bytes per pixel begins and ends at whole 32-bit words. */
const PIXELS_AT_ONCE = 2 ** 20

/** Does work on pixels slice by slice, each from its first pixel to before the next slice's, with a turn of the event loop between. */
export async function inSlices(pixels: number, work: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < pixels; from += PIXELS_AT_ONCE) {
    if (from > 0) await nextTurn()
    work(from, Math.min(from + PIXELS_AT_ONCE, pixels))
  }
}
