import { totalmem } from 'node:os'
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'

const ROOM_BYTES = 256 * 1024 ** 2
const SHARE_OF_MEMORY = 1 / 16
const SHARE_OF_HEAP_LIMIT = 1 / 4
/** Below it V8's own choice, which grows with what little a collection costs, is as good. */
const LEAST_PERCENT = 50
const GROWTH_FLAG = '--heap-growing-percent'

let links = 0
let observer: PerformanceObserver | undefined

/**
 * Lets V8's heap grow by a fixed amount between two collections of the whole of it, as long as at least one link is open: by 256 MB, a
 * sixteenth of the machine's memory or a quarter of the heap's limit, whichever is least. V8 counts frames, which lie outside of its
 * heap, as part of it; left alone it takes a heap of 30 MB for a small one, and marks all of it again after every few frames.
 *
 * Gives a function that ends it for the caller's link. Does nothing where Node.js was started with that flag (`--heap-growing-percent`).
 */
export function makeRoomForFrames(): () => void {
  if (process.execArgv.some((flag) => flag.replaceAll('_', '-').startsWith(GROWTH_FLAG))) return () => undefined
  links += 1
  if (links === 1) begin()
  let ended = false
  return () => {
    if (ended) return
    ended = true
    links -= 1
    if (links === 0) end()
  }
}

/** By how many per cent of `aliveBytes` the heap may grow until the next collection; 0 leaves it to V8. */
export function growthPercent(aliveBytes: number, roomBytes: number): number {
  const percent = Math.round((100 * roomBytes) / aliveBytes)
  return percent < LEAST_PERCENT ? 0 : percent
}

function begin(): void {
  observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isOfWholeHeap)) setRoom()
  })
  observer.observe({ entryTypes: ['gc'] })
  setRoom()
}

function end(): void {
  observer?.disconnect()
  observer = undefined
  setGrowth(0)
}

/** V8 reads the flag at the end of each collection of the whole heap, for the time until the next. */
function setRoom(): void {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics()
  const memory = Math.min(totalmem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY)
  const room = Math.min(ROOM_BYTES, memory * SHARE_OF_MEMORY, limit * SHARE_OF_HEAP_LIMIT)
  setGrowth(growthPercent(used, room))
}

function setGrowth(percent: number): void {
  setFlagsFromString(`${GROWTH_FLAG}=${percent}`)
}

function isOfWholeHeap(entry: PerformanceEntry): boolean {
  const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail
  return kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
