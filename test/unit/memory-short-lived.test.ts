import assert from 'node:assert/strict'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { test } from 'node:test'
import { noteShortLived } from '../../lib/memory/short-lived'
import { Gathered } from '../links'

test('after some MB of frames the young objects are collected, and not the whole heap', async () => {
  const kinds = new Gathered<number>()
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) kinds.add((entry as unknown as { detail: { kind: number } }).detail.kind)
  })
  observer.observe({ entryTypes: ['gc'] })
  const collected = kinds.count(2)
  for (let frame = 0; frame < 24; frame += 1) noteShortLived(1_000_000)
  await collected
  observer.disconnect()
  assert.ok(
    kinds.all.every((kind) => kind === constants.NODE_PERFORMANCE_GC_MINOR),
    `${kinds.all}`,
  )
})
