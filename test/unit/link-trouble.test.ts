import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LinkEvent } from '../../lib/link/link-events'
import { LinkTrouble } from '../../lib/link/link-trouble'
import { NetgearError } from '../../lib/wire/error'

const SUMMED_UP_MS = 10_000
const untrusted = new NetgearError('NETGEAR_KEY_NOT_TRUSTED', 'Stranger.')
const place = { endpoint: 'tcp://*:5555', port: 5555 }

test('how often a peer was refused is not told any more once it is in; of others it is', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: LinkEvent[] = []
  const trouble = new LinkTrouble(place, (event) => told.push(event))
  for (const publicKey of ['camera', 'camera', 'camera', 'stranger', 'stranger'])
    trouble.refused(untrusted, { publicKey })
  trouble.entered((key) => key === 'camera')
  assert.equal(trouble.present, undefined)
  assert.equal(trouble.refusedLately, true)
  t.mock.timers.tick(SUMMED_UP_MS)
  assert.deepEqual(
    told.map((event) => event.event === 'refused' && [event.publicKey, event.count]),
    [
      ['camera', 1],
      ['stranger', 1],
      ['stranger', 1],
    ],
  )
  trouble.close()
})

test('that a peer is cut off again and again is summed up although it comes again and again', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const counts: number[] = []
  const trouble = new LinkTrouble(place, (event) => event.event === 'refused' && counts.push(event.count))
  for (let visit = 0; visit < 10; visit += 1) {
    trouble.entered(() => true)
    trouble.left(64)
  }
  t.mock.timers.tick(SUMMED_UP_MS)
  assert.deepEqual(counts, [1, 5])
  trouble.close()
})

test('of many strangers none is forgotten with a peer that shares their entry', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let count = 0
  const trouble = new LinkTrouble(place, (event) => {
    if (event.event === 'refused') count += event.count
  })
  const strangers = Array.from({ length: 500 }, (_, stranger) => `stranger ${stranger}`)
  for (const publicKey of [...strangers, 'camera']) trouble.refused(untrusted, { publicKey })
  trouble.entered((key) => key === 'camera')
  t.mock.timers.tick(SUMMED_UP_MS)
  assert.equal(count, strangers.length + 1)
  trouble.close()
})
