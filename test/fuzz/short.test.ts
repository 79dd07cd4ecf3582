import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './run'

test('twenty thousand damaged inputs end in nothing but refusals', async () => {
  const { tried, findings } = await fuzz({ seed: 20_261_123, inputs: 20_000, seconds: 60 })
  assert.deepEqual(findings, [])
  assert.equal(tried, 20_000)
})
