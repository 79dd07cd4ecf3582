import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { decodeJpeg, encodeJpeg } from '../../lib/video/codec'
import { formulaPixels } from './formula'

// Quality 90 keeps the smooth pictures of the formula within 0.3 to 1.5; those of two seeds differ by 34, swapped channels by 57.
const MOST_JPEG_ERROR = 4

/** A folder that is gone when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netgear-peer-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The formula's picture as a JPEG of quality 90: 3 channels are BGR, 1 is grey. */
export function formulaJpeg(seed: number, height: number, width: number, channels: 1 | 3): Promise<Buffer> {
  const data = formulaPixels(seed, height, width, channels)
  return encodeJpeg({ kind: 'raw', data, height, width, channels, order: channels === 1 ? 'GRAY' : 'BGR' }, 90)
}

/** Writes a JPEG to where a Python peer can read it, and gives its path. */
export async function storeJpeg(folder: string, jpeg: Buffer): Promise<string> {
  const path = join(folder, `${sha256(jpeg)}.jpg`)
  await writeFile(path, jpeg)
  return path
}

/** Whether pixels are the formula's of that seed, but for what a JPEG loses. */
export function isNearFormula(pixels: Buffer, seed: number, height: number, width: number, channels: number): boolean {
  return meanError(pixels, formulaPixels(seed, height, width, channels)) <= MOST_JPEG_ERROR
}

/** The same of a JPEG. */
export async function showsFormula(jpeg: Buffer, seed: number, height: number, width: number): Promise<boolean> {
  const { data, ...size } = await decodeJpeg(jpeg, 'BGR')
  return size.height === height && size.width === width && isNearFormula(data, seed, height, width, 3)
}

function meanError(pixels: Buffer, expected: Buffer): number {
  if (pixels.length !== expected.length) return Number.POSITIVE_INFINITY
  let sum = 0
  for (let at = 0; at < pixels.length; at += 1) sum += Math.abs((pixels[at] ?? 0) - (expected[at] ?? 0))
  return sum / pixels.length
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
