import type { LinkOptions } from '../link-options'

/** The saved properties of `netgear-out`, the same for its runtime and its editor half. */
export interface NetgearOutOptions extends LinkOptions {
  frame: string
  frameType: string
  data: string
  dataType: string
  encoding: 'jpeg' | 'raw'
  quality: number | string
  queue: number | string
  window: number | string
  endOfStream: boolean | string
}
