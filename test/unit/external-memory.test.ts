import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { test } from 'node:test'
import { noteShortLived } from '../../lib/link/external-memory'

test('after some MB of frames the young objects are collected, and not the whole heap', async () => {
  const kinds: unknown[] = []
  const told = new EventTarget()
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) kinds.push((detail as { kind: number }).kind)
    told.dispatchEvent(new Event('collected'))
  })
  observer.observe({ entryTypes: ['gc'] })
  const collected = once(told, 'collected')
  for (let frame = 0; frame < 24; frame += 1) noteShortLived(1_000_000)
  await collected
  observer.disconnect()
  assert.deepEqual(kinds, [constants.NODE_PERFORMANCE_GC_MINOR, constants.NODE_PERFORMANCE_GC_MINOR])
})
