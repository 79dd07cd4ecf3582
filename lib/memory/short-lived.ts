import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type CollectGarbage = (options: { type: 'minor' }) => void

// A young collection takes a third of a millisecond. V8 counts each frame twice, and begins to mark the whole heap after as few as 11 MB.
const COLLECT_BYTES = 2_000_000

let collectGarbage: CollectGarbage | undefined | false
let noted = 0

/**
 * Notes that a Buffer of so many bytes has been made outside of V8's heap, which probably does not live long, as a frame. After some MB
 * the youngest objects are collected, frames among them: it takes a millisecond or less. Without it V8 collects its whole heap for the
 * sake of that memory, which takes tens of milliseconds in a Node-RED, and at high rates most of its time.
 */
export function noteShortLived(bytes: number): void {
  noted += bytes
  if (noted < COLLECT_BYTES) return
  noted = 0
  collectGarbage ??= exposedGarbageCollection()
  if (collectGarbage) collectGarbage({ type: 'minor' })
}

/** V8 gives its `gc` to contexts made while that flag is set; false where it does not. */
function exposedGarbageCollection(): CollectGarbage | false {
  try {
    setFlagsFromString('--expose-gc')
    const gc: unknown = runInNewContext('globalThis.gc')
    setFlagsFromString('--no-expose-gc')
    return typeof gc === 'function' ? (gc as CollectGarbage) : false
  } catch {
    return false
  }
}
