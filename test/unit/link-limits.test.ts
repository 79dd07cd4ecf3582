import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LINK_LIMITS, readLinkLimits, wireLimits } from '../../lib/link/limits'
import { ReadingBudget } from '../../lib/link/reading-budget'
import { Turnstile } from '../../lib/video/turnstile'
import { DEFAULT_LIMITS } from '../../lib/wire/message'
import { processLimits } from '../../nodes/link-settings'

test('limits that are not given are the defaults, which hold pixels of 4K with alpha', () => {
  assert.deepEqual(readLinkLimits(undefined), DEFAULT_LINK_LIMITS)
  assert.deepEqual(readLinkLimits({ connections: 5 }), { ...DEFAULT_LINK_LIMITS, connections: 5 })
  assert.deepEqual(readLinkLimits({ frameMegabytes: undefined }), DEFAULT_LINK_LIMITS)
  assert.deepEqual(wireLimits(DEFAULT_LINK_LIMITS), DEFAULT_LIMITS)
  assert.ok(DEFAULT_LIMITS.frameBytes >= 3840 * 2160 * 4)
})

test('limits are read from netgear.limits in settings.js, also as text', () => {
  const read = (netgear: unknown) =>
    processLimits({ settings: { netgear } } as unknown as Parameters<typeof processLimits>[0])
  assert.deepEqual(read(undefined), DEFAULT_LINK_LIMITS)
  assert.deepEqual(read({}), DEFAULT_LINK_LIMITS)
  assert.equal(read({ limits: { handshakeSeconds: '2.5' } }).handshakeSeconds, 2.5)
})

test('limits that cannot be meant are refused, with the name of the limit', () => {
  const bad: [unknown, RegExp][] = [
    [{ frameMegabytes: 0 }, /frameMegabytes is 0: give a number from/],
    [{ frameMegabytes: 'lots' }, /frameMegabytes is "lots"/],
    [{ frameMegabytes: '' }, /frameMegabytes is ""/],
    [{ pictureMegapixels: Number.NaN }, /pictureMegapixels/],
    [{ connections: 1.5 }, /connections is 1.5: give a whole number/],
    [{ handshakeSeconds: null }, /handshakeSeconds is null/],
    [{ frameMegabyte: 1 }, /none of the name "frameMegabyte"/],
    [{ __proto__: null, constructor: 1 }, /none of the name "constructor"/],
    [[], /they are \[\]/],
    ['64', /they are "64"/],
  ]
  for (const [given, message] of bad) assert.throws(() => readLinkLimits(given), { code: 'NETGEAR_LIMIT', message })
})

test('large headers are read for a quarter of the time, small ones always', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const budget = new ReadingBudget()
  const large = 1_000_000
  let read = 0
  for (; now < 10_000; now += 10) {
    assert.ok(budget.allows(1000))
    if (!budget.allows(large)) continue
    read += 1
    budget.spent(large, 50)
  }
  assert.ok(read >= 48 && read <= 54, `${read} in 10 s`)
})

test('a turnstile lets so many through at once, one owner after the other, and forgets those who left', async () => {
  const turnstile = new Turnstile<string>(2)
  const order: string[] = []
  const release: (() => void)[] = []
  const task = (name: string) => () =>
    new Promise<void>((resolve) => {
      order.push(name)
      release.push(resolve)
    })
  for (const name of ['a1', 'a2', 'a3', 'a4', 'gone', 'b1']) void turnstile.run(name[0] as string, false, task(name))
  turnstile.leave('g')
  const next = async () => {
    release.shift()?.()
    await new Promise(setImmediate)
  }
  assert.deepEqual(order, ['a1', 'a2'])
  await next()
  await next()
  assert.deepEqual(order, ['a1', 'a2', 'a3', 'b1'])
  await next()
  await next()
  await next()
  void turnstile.run('c', false, task('c1'))
  void turnstile.run('c', false, task('c2'))
  assert.deepEqual(order, ['a1', 'a2', 'a3', 'b1', 'a4', 'c1', 'c2'])
})

test('a turnstile keeps a place for short tasks while some come, and only then', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const turnstile = new Turnstile<string>(2)
  const running = new Map<string, () => void>()
  const start = (name: string, long: boolean) =>
    void turnstile.run(name, long, () => new Promise<void>((resolve) => running.set(name, resolve)))
  const finish = async (name: string) => {
    running.get(name)?.()
    running.delete(name)
    await new Promise(setImmediate)
  }
  start('short', false)
  await finish('short')
  for (const name of ['long 1', 'long 2', 'long 3']) start(name, true)
  assert.deepEqual([...running.keys()], ['long 1'])
  start('short', false)
  assert.deepEqual([...running.keys()], ['long 1', 'short'])
  await finish('short')
  assert.deepEqual([...running.keys()], ['long 1'])
  now += 10_000
  await finish('long 1')
  assert.deepEqual([...running.keys()], ['long 2', 'long 3'])
})
