import { totalmem } from 'node:os'
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { keepFreedMemory } from './freed-memory'

const MEGABYTE = 1024 ** 2
const LEAST_ROOM = 32 * MEGABYTE
const MOST_ROOM = 256 * MEGABYTE
/** V8 counts each frame twice. So many are around between two collections of young objects, with those whose memory is being given back. */
const FRAMES_OF_ROOM = 2 * 16
const SHARE_OF_MEMORY = 1 / 16
const SHARE_OF_HEAP_LIMIT = 1 / 4
/** For large heaps: what V8 itself gives them where collections are not cheap. */
const LEAST_PERCENT = 50
const GROWTH_FLAG = '--heap-growing-percent'

let users = 0
let observer: PerformanceObserver | undefined
/** Since the last collection of the whole heap. */
let largestFrame = 0

/**
 * Lets V8's heap grow by a fixed amount between two collections of the whole of it, until the function that it gives is called: by 16
 * of the largest frames, at least 32 and at most 256 MB, a sixteenth of the machine's memory and a quarter of the heap's limit. V8
 * counts frames, which lie outside of its heap, as part of it; left alone it takes a heap of 30 MB for a small one, and marks all of
 * it again after every few frames.
 *
 * Does nothing where Node.js was started with the flag that it uses (`--heap-growing-percent`).
 */
export function openHeapRoom(): () => void {
  if (process.execArgv.some((flag) => flag.replaceAll('_', '-').startsWith(GROWTH_FLAG))) return () => undefined
  users += 1
  if (users === 1) begin()
  let ended = false
  return () => {
    if (ended) return
    ended = true
    users -= 1
    if (users === 0) end()
  }
}

/** Notes that frames of so many bytes are about: room is made for them in V8's heap and outside of it. */
export function fitHeapRoom(frameBytes: number): void {
  if (frameBytes <= largestFrame) return
  largestFrame = frameBytes
  if (users > 0) setRoom()
  keepFreedMemory(frameBytes)
}

/** How many bytes V8's heap may grow for frames of so many bytes, in a machine with so much memory and a heap of that limit. */
export function roomBytes(frameBytes: number, memoryBytes: number, heapLimit: number): number {
  const wanted = Math.min(Math.max(FRAMES_OF_ROOM * frameBytes, LEAST_ROOM), MOST_ROOM)
  return Math.min(wanted, memoryBytes * SHARE_OF_MEMORY, heapLimit * SHARE_OF_HEAP_LIMIT)
}

/** By how many per cent of `aliveBytes` the heap may grow until the next collection. */
export function growthPercent(aliveBytes: number, room: number): number {
  return Math.max(LEAST_PERCENT, Math.round((100 * room) / aliveBytes))
}

function begin(): void {
  observer = new PerformanceObserver((list) => {
    if (!list.getEntries().some(isOfWholeHeap)) return
    setRoom()
    largestFrame = 0
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
  setGrowth(growthPercent(used, roomBytes(largestFrame, memory, limit)))
}

function setGrowth(percent: number): void {
  setFlagsFromString(`${GROWTH_FLAG}=${percent}`)
}

function isOfWholeHeap(entry: PerformanceEntry): boolean {
  const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail
  return kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
