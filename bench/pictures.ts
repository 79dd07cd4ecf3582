import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeJpeg } from '../lib/video/codec'

export const SIZES = { '640x480': [640, 480], '1280x720': [1280, 720], '1920x1080': [1920, 1080] } as const
export type Size = keyof typeof SIZES

export const QUALITY = 90
const COUNT = 8
const NOISE = 7

/** Folders with the same few frames, as BGR pixels and as JPEGs of quality 90, 4:2:0. */
export interface Frames {
  width: number
  height: number
  raw: string
  jpeg: string
  bytes: { raw: number; jpeg: number }
}

/** Draws frames with smooth shading, edges and a camera's noise, of which a JPEG is about as large as of a real scene. */
export async function makeFrames(folder: string, size: Size): Promise<Frames> {
  const [width, height] = SIZES[size]
  const raw = join(folder, `${size}-raw`)
  const jpeg = join(folder, `${size}-jpeg`)
  mkdirSync(raw)
  mkdirSync(jpeg)
  let jpegBytes = 0
  for (let index = 0; index < COUNT; index += 1) {
    const data = draw(width, height, index)
    const encoded = await encodeJpeg({ kind: 'raw', data, width, height, channels: 3, order: 'BGR' }, QUALITY)
    writeFileSync(join(raw, String(index)), data)
    writeFileSync(join(jpeg, String(index)), encoded)
    jpegBytes += encoded.length / COUNT
  }
  return { width, height, raw, jpeg, bytes: { raw: width * height * 3, jpeg: Math.round(jpegBytes) } }
}

function draw(width: number, height: number, index: number): Buffer {
  const pixels = Buffer.allocUnsafe(width * height * 3)
  let random = index + 1
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0
      const noise = (random >>> 24) % NOISE
      const stripe = ((x + index * 8) >> 5) & 1 && (y >> 5) & 1 ? 60 : 0
      const at = (y * width + x) * 3
      pixels[at] = 40 + (100 * x) / width + stripe + noise
      pixels[at + 1] = 30 + (120 * y) / height + stripe + noise
      pixels[at + 2] = 60 + (80 * (x + y)) / (width + height) + noise
    }
  }
  return pixels
}
