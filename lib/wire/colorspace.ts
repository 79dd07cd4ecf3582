const CHANNELS = {
  RGB: 3,
  BGR: 3,
  RGBX: 4,
  BGRX: 4,
  XBGR: 4,
  XRGB: 4,
  GRAY: 1,
  RGBA: 4,
  BGRA: 4,
  ABGR: 4,
  ARGB: 4,
  CMYK: 4,
} as const

/**
 * What a receiver should decode a JPEG to, by simplejpeg's names, which NetGear writes into its headers: the channels of a
 * pixel in the order in which they lie in memory, X being an unused byte.
 */
export type Colorspace = keyof typeof CHANNELS

export const COLORSPACES = Object.keys(CHANNELS) as Colorspace[]

/** The channels, and bytes, of one pixel: 1, 3 or 4. */
export function channelsOf(colorspace: Colorspace): number {
  return CHANNELS[colorspace]
}

/** The colorspace that a text names, in whatever case, or `undefined`. */
export function parseColorspace(text: string): Colorspace | undefined {
  const upper = text.toUpperCase()
  return COLORSPACES.find((colorspace) => colorspace === upper)
}
