import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pacer } from '../../lib/link/pacer'
import { Receiver } from '../../lib/link/receiver'
import { Gathered, jpegOf, matchingEnds, openSender } from '../links'

function openPacer(maxPerSecond: number) {
  const passed: string[] = []
  const dropped: string[] = []
  const pacer = new Pacer<string>(
    maxPerSecond,
    (item) => passed.push(item),
    (item) => dropped.push(item),
  )
  return { pacer, passed, dropped }
}

test('what is offered by whoever is told of a dropped one loses nothing', () => {
  const dropped: string[] = []
  const pacer = new Pacer<string>(
    1,
    () => undefined,
    (item) => {
      dropped.push(item)
      if (item === 'b') pacer.offer('d')
    },
  )
  for (const item of ['a', 'b', 'c']) pacer.offer(item)
  pacer.close()
  assert.deepEqual(dropped, ['b', 'c', 'd'])
})

test('the end of a stream comes after the frame that waited for its time', async () => {
  const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
  const order = new Gathered<string>()
  const receiver = new Receiver({
    ...ends.receiver,
    maxFps: 0.01,
    onFrame: ({ body }) => order.add(body.toString('latin1', 2, body.length - 2)),
    onEnd: () => order.add('END'),
  })
  const sender = openSender({ ...ends.sender, queue: 10 })
  try {
    for (const content of ['one', 'two', 'three']) sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
    sender.end.end()
    await order.first((what) => what === 'END')
    assert.deepEqual(order.all, ['one', 'three', 'END'])
    assert.equal(receiver.stats().dropped, 1)
  } finally {
    await Promise.all([sender.end.close(), receiver.close()])
  }
})

test('what is flushed before its time is made up for, and not flushed again while the pacer is ahead', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const pass = (ms: number) => {
    now += ms
    t.mock.timers.tick(ms)
  }
  const { pacer, passed, dropped } = openPacer(1)
  pacer.offer('first')
  pacer.offer('second')
  pass(300)
  pacer.flush()
  assert.deepEqual(passed, ['first', 'second'])
  pacer.offer('third')
  pass(200)
  pacer.flush()
  assert.deepEqual([passed, dropped], [['first', 'second'], ['third']])
  pacer.offer('fourth')
  pass(1499)
  assert.equal(passed.length, 2)
  pass(1)
  assert.deepEqual(passed, ['first', 'second', 'fourth'])
  pacer.flush()
  assert.equal(passed.length, 3)
})

test('a pace slower than any timer keeps all but the first waiting', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { pacer, passed, dropped } = openPacer(1e-7)
  for (const item of ['first', 'second', 'third']) {
    pacer.offer(item)
    t.mock.timers.tick(60_000)
  }
  assert.deepEqual([passed, dropped], [['first'], ['second']])
  pacer.close()
})

test('a mark is passed after what was offered before it, whether that passes or is dropped, and before what comes later', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  t.mock.method(performance, 'now', () => 0)
  const { pacer, passed, dropped } = openPacer(1)
  const mark = (name: string) => pacer.mark(() => passed.push(name))
  mark('at once')
  pacer.offer('first')
  mark('after the first')
  pacer.offer('second')
  mark('after the second')
  assert.deepEqual(passed, ['at once', 'first', 'after the first'])
  pacer.offer('third')
  mark('after the third')
  assert.deepEqual(passed.slice(3), ['after the second'])
  t.mock.timers.tick(1000)
  assert.deepEqual([passed.slice(4), dropped], [['third', 'after the third'], ['second']])
  pacer.offer('fourth')
  mark('after the end')
  pacer.close()
  assert.deepEqual([passed.slice(6), dropped], [['after the end'], ['second', 'fourth']])
})
