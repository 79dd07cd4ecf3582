import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Batch } from '../../lib/link/batch'

type Item = { source: string; index: number }

function filled(sources: string[], most: number) {
  const dropped: Item[] = []
  const batch = new Batch<Item>(most, (item) => dropped.push(item))
  const added = sources.map((source, index) => ({ source, index }))
  for (const item of added) batch.add(item.source, item)
  return { batch, added, dropped }
}

const SOURCES = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 })

test('of each source the newest are kept, in their order, and the others dropped', () => {
  fc.assert(
    fc.property(SOURCES, fc.integer({ min: 1, max: 5 }), (sources, most) => {
      const { batch, added, dropped } = filled(sources, most)
      const newest = ['a', 'b', 'c'].map((name) => added.filter(({ source }) => source === name).slice(-most))
      assert.equal(
        batch.piledUp,
        newest.some((items) => items.length > 1),
      )
      const all = batch.takeAll()
      for (const [index, name] of ['a', 'b', 'c'].entries()) {
        assert.deepEqual(
          all.filter(([source]) => source === name).map(([, item]) => item),
          newest[index],
        )
      }
      assert.equal(dropped.length + all.length, added.length)
      assert.ok(batch.empty)
    }),
  )
})

test('taken round by round, each source gives its oldest; keeping the newest drops the rest', () => {
  fc.assert(
    fc.property(SOURCES, fc.nat(3), (sources, rounds) => {
      const { batch, added, dropped } = filled(sources, 30)
      const taken = Array.from({ length: rounds }, () => batch.takeOldest()).flat()
      const left = (name: string) => added.filter(({ source }) => source === name).slice(rounds)
      batch.keepNewest()
      const kept = batch.takeAll().map(([, item]) => item)
      for (const name of ['a', 'b', 'c']) {
        assert.deepEqual(
          taken.filter(([source]) => source === name).map(([, item]) => item),
          added.filter(({ source }) => source === name).slice(0, rounds),
        )
        assert.deepEqual(
          kept.filter(({ source }) => source === name),
          left(name).slice(-1),
        )
      }
      assert.equal(taken.length + kept.length + dropped.length, added.length)
    }),
  )
})
