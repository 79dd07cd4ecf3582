import { CHANNELS, type PixelOrder, type RawPicture } from './picture'
import { inSlices } from './slices'

/**
 * The same picture with its pixels in another order. Gives the very same object when nothing is to change, else new
 * memory; the given one is only read. An alpha channel that is not wanted is left out, one that is missing is opaque;
 * grey is luma as JPEG has it (ITU-R BT.601). Expects as many bytes as the picture says (`rawPicture` has checked it).
 * Works on the event loop, but of a picture of more than a megapixel only on a part at each turn.
 */
export async function reorderPixels(picture: RawPicture, order: PixelOrder): Promise<RawPicture> {
  if (picture.order === order) return picture
  const { width, height, data, order: from } = picture
  const channels = CHANNELS[order]
  const target = Buffer.allocUnsafeSlow(width * height * channels)
  await inSlices(width * height, (first, end) => {
    const part = data.subarray(first * picture.channels, end * picture.channels)
    convert(part, from, target.subarray(first * channels, end * channels), order)
  })
  return { kind: 'raw', data: target, width, height, channels, order }
}

function convert(source: Buffer, from: PixelOrder, target: Buffer, to: PixelOrder): void {
  if (CHANNELS[from] === CHANNELS[to]) swapRedAndBlue(source, target, CHANNELS[to])
  else if (from === 'GRAY') spreadGray(source, target, CHANNELS[to])
  else if (to === 'GRAY') luma(source, from, target)
  else addOrLeaveAlpha(source, from, target, to)
}

/** Copies, then swaps whole 32-bit words in place: half the time of a loop over bytes. Little-endian, as all we run on. */
function swapRedAndBlue(source: Buffer, target: Buffer, channels: number): void {
  source.copy(target)
  const words = new Int32Array(target.buffer, target.byteOffset, target.length >>> 2)
  if (channels === 4) {
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as number
      words[i] = (word & 0xff00ff00) | ((word >>> 16) & 0xff) | ((word & 0xff) << 16)
    }
    return
  }
  const whole = words.length - (words.length % 3)
  for (let i = 0; i < whole; i += 3) {
    const first = words[i] as number
    const second = words[i + 1] as number
    const third = words[i + 2] as number
    words[i] = ((first >>> 16) & 0xff) | (first & 0xff00) | ((first & 0xff) << 16) | ((second & 0xff00) << 16)
    words[i + 1] = (second & 0xff0000ff) | ((first >>> 24) << 8) | ((third & 0xff) << 16)
    words[i + 2] = ((second >>> 16) & 0xff) | ((third >>> 24) << 8) | (third & 0xff0000) | ((third & 0xff00) << 16)
  }
  for (let at = whole * 4; at < target.length; at += 3) {
    const red = target[at] as number
    target[at] = target[at + 2] as number
    target[at + 2] = red
  }
}

function spreadGray(source: Buffer, target: Buffer, channels: number): void {
  if (channels === 4) target.fill(0xff)
  for (let pixel = 0, at = 0; pixel < source.length; pixel++, at += channels) {
    const gray = source[pixel] as number
    target[at] = gray
    target[at + 1] = gray
    target[at + 2] = gray
  }
}

/** ITU-R BT.601 in 16-bit fixed point, rounded, as libjpeg computes its Y. */
function luma(source: Buffer, from: PixelOrder, target: Buffer): void {
  const step = CHANNELS[from]
  const red = from.startsWith('RGB') ? 0 : 2
  const blue = 2 - red
  for (let pixel = 0, at = 0; pixel < target.length; pixel++, at += step) {
    const weighted =
      19595 * (source[at + red] as number) + 38470 * (source[at + 1] as number) + 7471 * (source[at + blue] as number)
    target[pixel] = (weighted + 32768) >>> 16
  }
}

function addOrLeaveAlpha(source: Buffer, from: PixelOrder, target: Buffer, to: PixelOrder): void {
  const fromStep = CHANNELS[from]
  const toStep = CHANNELS[to]
  const swapped = from.slice(0, 3) === to.slice(0, 3) ? 0 : 2
  for (let at = 0, out = 0; out < target.length; at += fromStep, out += toStep) {
    target[out] = source[at + swapped] as number
    target[out + 1] = source[at + 1] as number
    target[out + 2] = source[at + 2 - swapped] as number
    if (toStep === 4) target[out + 3] = 0xff
  }
}
