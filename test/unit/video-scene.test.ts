import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'

describe('the scene of the demo', () => {
  const noon = new Date(2026, 0, 1, 12, 0, 0).getTime()
  let drawScene: (width: number, height: number, timeMs: number) => Buffer

  before(async () => {
    const scene: unknown = await import(pathToFileURL(`${__dirname}/../../demo/scene.mjs`).href)
    drawScene = (scene as { drawScene: typeof drawScene }).drawScene
  })

  test('has the size asked for', () => {
    for (const [width, height] of [
      [640, 480],
      [17, 300],
      [641, 33],
    ] as const) {
      assert.equal(drawScene(width, height, noon).length, width * height * 3)
    }
  })

  test('is the same at the same time, and another a fifteenth of a second later', () => {
    const now = drawScene(320, 240, noon)
    const copy = Buffer.from(now)
    assert.ok(!drawScene(320, 240, noon + 66).equals(now))
    assert.ok(drawScene(320, 240, noon).equals(now))
    assert.ok(copy.equals(now), 'a frame that was handed out has been drawn over')
  })

  test('is in RGB: the evening sky is more red than blue at the horizon, and more blue than red at the top', () => {
    const frame = drawScene(320, 240, noon)
    const at = (x: number, y: number) => [...frame.subarray((y * 320 + x) * 3, (y * 320 + x) * 3 + 3)]
    const [topRed = 0, , topBlue = 0] = at(310, 1)
    const [red = 0, , blue = 0] = at(200, 130)
    assert.ok(topBlue > topRed, `${at(310, 1)}`)
    assert.ok(red > blue, `${at(200, 130)}`)
  })
})
