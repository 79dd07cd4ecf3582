import { collectYoung } from './garbage'

const MEGABYTE = 1024 ** 2
/** Encryption takes three blocks of a frame's size at once, while others wait or are being read. */
const FRAMES_KEPT = 4
/** glibc adapts itself to blocks of less than 32 MiB only. */
const LARGEST_BLOCK = 31 * MEGABYTE

let largestBlock = 0

/**
 * Has the memory of frames of so many bytes kept by the process when it is freed, for the next ones. glibc gives blocks of 128 KiB and
 * more back to the kernel at once, and takes new ones, page by page, for the next frame, until it has seen a larger one freed (its
 * "dynamic mmap threshold", mallopt(3)): so it is shown one, four times as large, that is never written to and so takes no memory. It
 * then keeps at most twice as much at the end of each of its heaps. Other C libraries take no notice.
 */
export function keepFreedMemory(frameBytes: number): void {
  if (process.platform !== 'linux') return
  const block = Math.min(LARGEST_BLOCK, 2 ** Math.ceil(Math.log2(FRAMES_KEPT * frameBytes)))
  if (block <= largestBlock) return
  largestBlock = block
  Buffer.allocUnsafeSlow(block)
  collectYoung()
}
