import type { LinkOptions } from '../link-options'

/** The saved properties of `netgear-in`, the same for its runtime and its editor half. */
export interface NetgearInOptions extends LinkOptions {
  output: 'jpeg' | 'raw' | 'asis'
  pixels: 'rgb' | 'bgr' | 'rgba' | 'gray'
}
