import { collectYoung } from './garbage'

// A young collection takes half a millisecond, whatever it finds. V8 counts each frame twice, and begins to mark the whole heap again and
// again where 12 MB or more come between two collections.
const COLLECT_BYTES = 8_000_000
/** The memory of frames as large as this is better used again at once. */
const LARGE_BYTES = 4_000_000

let noted = 0

/**
 * Notes that a Buffer of so many bytes has been made outside of V8's heap, which probably does not live long, as a frame. After some MB
 * the youngest objects are collected, frames among them: it takes a millisecond or less. Without it V8 collects its whole heap for the
 * sake of that memory, which takes tens of milliseconds in a Node-RED, and at high rates most of its time.
 */
export function noteShortLived(bytes: number): void {
  noted += bytes
  if (noted < COLLECT_BYTES && bytes < LARGE_BYTES) return
  noted = 0
  collectYoung()
}
