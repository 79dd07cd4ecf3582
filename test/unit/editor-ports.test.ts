import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { outputsField } from '../../nodes/editor/ports'

describe('the outputs field of a dialog', () => {
  test('is a number while no port moves', () => {
    assert.equal(outputsField([], []), '0')
    assert.equal(outputsField(['returned', 'events'], ['returned', 'events']), '2')
  })

  test('leads wires to where their port is now, and drops those of ports that go', () => {
    const moves = (...ports: Parameters<typeof outputsField>) => JSON.parse(outputsField(...ports))
    assert.deepEqual(moves(['events'], ['returned', 'events']), { 0: 1, 'new-returned': 0 })
    assert.deepEqual(moves(['returned', 'events'], ['events']), { 0: -1, 1: 0 })
    assert.deepEqual(moves(['frames'], ['frames', 'events']), { 0: 0, 'new-events': 1 })
    assert.deepEqual(moves(['events'], []), { 0: -1 })
  })
})
