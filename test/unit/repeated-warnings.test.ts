import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RepeatedWarnings } from '../../nodes/repeated-warnings'

const SECOND = 1000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR

function startWarnings() {
  let now = 0
  const told: string[] = []
  const warnings = new RepeatedWarnings(
    (text) => told.push(text),
    () => now,
  )
  return {
    told,
    warnings,
    wait: (ms: number) => {
      now += ms
    },
    add: (who: string, count = 1, kind = 'refused') => warnings.add(kind, who, count, (times) => `${who} ${times}`),
    /** Every ten seconds for so long, as a refused peer that tries again. */
    repeat(key: string, forMs: number) {
      for (let passed = 0; passed < forMs; passed += 10 * SECOND) {
        this.add(key)
        now += 10 * SECOND
      }
    },
  }
}

describe('a warning that repeats', () => {
  test('is told at once, again after ten seconds, and then less and less often', () => {
    const log = startWarnings()
    log.repeat('stranger', 10 * SECOND)
    assert.deepEqual(log.told, ['stranger 1'])
    log.repeat('stranger', 10 * SECOND)
    assert.deepEqual(log.told, ['stranger 1', 'stranger 1'])
    log.repeat('stranger', HOUR)
    assert.ok(log.told.length >= 6 && log.told.length <= 12, `${log.told.length} lines in the first hour`)
  })

  test('comes once an hour in the end, with all that was not told', () => {
    const log = startWarnings()
    log.repeat('stranger', DAY)
    const before = log.told.length
    log.repeat('stranger', 2 * DAY)
    const later = log.told.slice(before)
    assert.ok(later.length >= 47 && later.length <= 48, `${later.length} lines in two days`)
    assert.ok(later.every((line) => line === 'stranger 360'))
  })

  test('loses none of the counts', () => {
    const log = startWarnings()
    log.add('stranger', 3)
    log.add('stranger', 4)
    log.wait(10 * SECOND)
    log.add('stranger', 5)
    assert.deepEqual(log.told, ['stranger 3', 'stranger 9'])
  })

  test('is new again after an hour without it', () => {
    const log = startWarnings()
    log.repeat('stranger', DAY)
    log.wait(HOUR)
    const before = log.told.length
    log.repeat('stranger', 20 * SECOND)
    assert.deepEqual(log.told.slice(before), ['stranger 1', 'stranger 1'])
  })

  test('does not hold back another one', () => {
    const log = startWarnings()
    log.repeat('stranger', DAY)
    log.add('camera')
    assert.equal(log.told.at(-1), 'camera 1')
  })

  test('is new again once all is forgotten', () => {
    const log = startWarnings()
    log.repeat('stranger', DAY)
    log.warnings.forget()
    log.add('stranger')
    assert.equal(log.told.at(-1), 'stranger 1')
  })
})

test('a stranger with a new key each time does not fill the log either', () => {
  const log = startWarnings()
  for (let second = 0; second < 1000; second += 1) {
    for (let key = 0; key < 10; key += 1) log.add(`${second} ${key}`)
    log.wait(SECOND)
  }
  assert.ok(log.told.length < 80, `${log.told.length} lines`)
  log.add('camera', 1, 'invalid')
  assert.equal(log.told.at(-1), 'camera 1')
})
