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
