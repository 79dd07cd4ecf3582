import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeepAlive } from '../../lib/link/keep-alive'
import type { StampedFrame } from '../../lib/link/stamped-frame'
import { jpegOf } from '../links'

const HOUR = 3_600_000
const frame = {
  picture: { encoding: 'jpeg', body: jpegOf('last') },
  sender: { from: 'cam', stream: '00000000' },
  seq: 1,
  timestamp: 0,
} as StampedFrame

for (const [pattern, dialect, repeats] of [
  ['pair', 'netgear', true],
  ['reqrep', 'netgear', true],
  ['pubsub', 'netgear', false],
  ['reqrep', 'imagezmq', false],
] as const) {
  test(`${pattern}, ${dialect}: the last frame is ${repeats ? '' : 'not '}repeated in quiet times`, (t) => {
    let now = 0
    t.mock.method(performance, 'now', () => now)
    const keepAlive = new KeepAlive(pattern, dialect)
    assert.equal(keepAlive.due(), undefined)
    keepAlive.sent(frame)
    assert.equal(keepAlive.due(), undefined)
    now += HOUR
    assert.equal(keepAlive.due()?.repeat, repeats || undefined)
    keepAlive.ended()
    assert.equal(keepAlive.due(), undefined)
  })
}
