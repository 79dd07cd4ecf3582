import assert from 'node:assert/strict'
import { after, before } from 'node:test'

/** Fails a file of tests out of which a rejection escapes: it would end a user's Node-RED. */
export function assertNothingEscapes(): void {
  const escaped: unknown[] = []
  const note = (reason: unknown) => escaped.push(reason)
  before(() => process.on('unhandledRejection', note))
  after(() => {
    process.off('unhandledRejection', note)
    assert.deepEqual(escaped, [])
  })
}
