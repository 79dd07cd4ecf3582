const phaseCount = 512

/**
 * The pixels of a seed, row by row, channels interleaved, 8 bits each: the formula of formula.py, so that both ends
 * can check a picture without having been sent it.
 */
export function formulaPixels(seed: number, height: number, width: number, channels: number): Buffer {
  const pixels = Buffer.allocUnsafe(height * width * channels)
  let offset = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const phase = modulo(37 * seed + (2 + c) * y + (5 - c) * x + 85 * c, phaseCount)
        pixels[offset++] = phase < 256 ? phase : 511 - phase
      }
    }
  }
  return pixels
}

/** As Python's `%`: never negative. */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}
