import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/** A function node's code that makes a picture, red on the left and blue on the right. */
export const PATCHES = `
const [width, height] = [640, 480]
const pixels = Buffer.alloc(width * height * 3)
for (let at = 0; at < width * height; at += 1) pixels[at * 3 + (at % width < width / 2 ? 0 : 2)] = 255
return { payload: pixels, width, height, channels: 3 }`

/** The colours in the left and the right half of a picture that is shown. */
export function coloursOf(page: Page, image: string): Promise<{ size: number[]; left: number[]; right: number[] }> {
  return page.evaluate(async (image) => {
    const shown = document.querySelector<HTMLImageElement>(image)
    if (!shown) throw new Error(`There is no ${image}.`)
    const { naturalWidth: width, naturalHeight: height } = shown
    const canvas = new OffscreenCanvas(width, height).getContext('2d')
    canvas?.drawImage(shown, 0, 0)
    const at = (x: number) => [...(canvas?.getImageData(x, height / 2, 1, 1).data ?? [])].slice(0, 3)
    return { size: [width, height], left: at(width * 0.25), right: at(width * 0.75) }
  }, image)
}

/** Fails unless these are the colours of the picture that `PATCHES` makes. */
export function assertPatches({ left, right }: { left: number[]; right: number[] }): void {
  const near = (seen: number[], wanted: number[]) => wanted.every((value, at) => Math.abs(value - (seen[at] ?? 0)) < 30)
  assert.ok(near(left, [255, 0, 0]), `left ${left}`)
  assert.ok(near(right, [0, 0, 255]), `right ${right}`)
}
