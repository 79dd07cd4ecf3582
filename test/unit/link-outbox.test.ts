import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outbox } from '../../lib/link/outbox'

test('the newest bursts win, what was taken of one counts no more, and an end of stream is kept', () => {
  const dropped: string[] = []
  const outbox = new Outbox<string>(2, 1000, (item) => dropped.push(item))
  const [a, b] = [{}, {}]
  outbox.push('a1', a)
  outbox.push('a2', a)
  outbox.push('b1', b)
  outbox.pushLasting('end')
  outbox.push('c')
  assert.deepEqual(dropped, ['a1', 'a2'])
  assert.equal(outbox.take(), 'b1')
  outbox.push('d')
  assert.deepEqual(dropped, ['a1', 'a2'])
  outbox.push('e')
  assert.deepEqual(dropped, ['a1', 'a2', 'c'])
  assert.deepEqual([outbox.take(), outbox.take(), outbox.take(), outbox.take()], ['end', 'd', 'e', undefined])
  outbox.push('f')
  outbox.clear()
  outbox.push('g')
  outbox.push('h')
  assert.deepEqual(dropped, ['a1', 'a2', 'c', 'f'])
})

test('of ends that come one after the other, or whose frames between them were dropped, one waits', () => {
  const dropped: string[] = []
  const outbox = new Outbox<string>(1, 60_000, (item) => dropped.push(item))
  for (let clip = 0; clip < 1000; clip += 1) {
    outbox.push(`frame ${clip}`)
    outbox.pushLasting('end')
    outbox.pushLasting('end')
  }
  assert.equal(dropped.length, 999)
  assert.deepEqual([outbox.take(), outbox.take(), outbox.take(), outbox.take()], ['end', 'frame 999', 'end', undefined])
})

test('an end that nobody was there for in time is not for whoever comes later', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const outbox = new Outbox<string>(1, 1000, () => assert.fail())
  outbox.pushLasting('of the morning')
  now = 900
  outbox.expireLasting()
  outbox.push('frame')
  outbox.pushLasting('of the evening')
  now = 1100
  outbox.expireLasting()
  assert.deepEqual([outbox.take(), outbox.take(), outbox.take()], ['frame', 'of the evening', undefined])
})

test('a burst of 20,000 is taken in, and dropped, in a moment', () => {
  let dropped = 0
  const outbox = new Outbox<number>(1, 60_000, () => {
    dropped += 1
  })
  const start = performance.now()
  for (let burst = 0; burst < 2; burst += 1) {
    const together = {}
    for (let item = 0; item < 20_000; item += 1) outbox.push(item, together)
  }
  const took = performance.now() - start
  assert.equal(dropped, 20_000)
  assert.ok(took < 500, `${took} ms`)
})
