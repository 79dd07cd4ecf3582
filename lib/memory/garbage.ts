import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type CollectGarbage = (options?: { type: 'minor' }) => void

/** Where Node.js was started with such a flag, what it says stays. */
const PARALLEL_FLAG = /single[-_]threaded|parallel[-_]scavenge/
const leaveParallel = PARALLEL_FLAG.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '))

let collect: CollectGarbage | undefined | false

/**
 * Collects the youngest objects, in a millisecond or less. By this thread alone: it would wait for V8's other threads, which codecs and
 * encryption keep from the processors for milliseconds. Does nothing where V8 does not let it.
 */
export function collectYoung(): void {
  collect ??= exposed()
  if (!collect) return
  if (!leaveParallel) setFlagsFromString('--no-parallel-scavenge')
  collect({ type: 'minor' })
  if (!leaveParallel) setFlagsFromString('--parallel-scavenge')
}

/** Collects the whole heap, in tens of milliseconds. Does nothing where V8 does not let it. */
export function collectAll(): void {
  collect ??= exposed()
  // Node.js 20 takes any option for the wish to collect the young.
  if (collect) collect()
}

/** V8 gives its `gc` to contexts made while that flag is set; false where it does not. */
function exposed(): CollectGarbage | false {
  try {
    setFlagsFromString('--expose-gc')
    const gc: unknown = runInNewContext('globalThis.gc')
    setFlagsFromString('--no-expose-gc')
    return typeof gc === 'function' ? (gc as CollectGarbage) : false
  } catch {
    return false
  }
}
