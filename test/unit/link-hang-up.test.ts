import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ACCEPT, BROKE_OFF, camera, ENDED, HANDSHAKE, odd, openDoor, REFUSED } from '../door'
import { matchingEnds, openReceiver, openSender } from '../links'

const JUDGED_MS = 1100

describe('a peer that was let in and does not enter is told of, if it is certain that it was the one that was cut off', {
  concurrency: true,
}, () => {
  test('alone, at once', async () => {
    const { told, tell, admit } = openDoor()
    await tell(ACCEPT)
    await admit(odd)
    await tell(ENDED)
    assert.deepEqual(told, [{ code: 'NETGEAR_PATTERN_MISMATCH', name: 'odd' }])
  })

  test('beside a peer that might as well have left, when it has not entered for a while', async () => {
    const { monitor, told, tell, admit } = openDoor()
    await admit(camera)
    await tell(ACCEPT, HANDSHAKE, ACCEPT, ACCEPT)
    await admit(odd)
    await tell(ENDED)
    assert.deepEqual(told, [])
    await delay(JUDGED_MS)
    assert.deepEqual(told, [{ code: 'NETGEAR_PATTERN_MISMATCH', name: 'odd' }])
    assert.equal(monitor.peers, 1)
  })

  test('not when strangers go meanwhile, and it enters under its own name', async () => {
    const { told, entered, tell, admit } = openDoor()
    await tell(...Array(50).fill(ACCEPT), ACCEPT)
    await admit(camera)
    await tell(...Array(50).fill([BROKE_OFF, ENDED]).flat(), HANDSHAKE)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
    assert.deepEqual(
      entered.map(({ name }) => name),
      ['camera'],
    )
  })

  test('not when it is back before its old connection, among those of strangers, is seen to end', async () => {
    const { told, entered, tell, admit } = openDoor()
    await admit(camera)
    await tell(ACCEPT, HANDSHAKE, ...Array(50).fill(ACCEPT), ACCEPT)
    await admit(camera)
    await tell(ENDED, HANDSHAKE)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
    assert.equal(entered.length, 2)
  })

  test('not when somebody who spoke nonsense goes meanwhile, and it enters under its own name', async () => {
    const { monitor, told, entered, tell, admit } = openDoor()
    await tell(ACCEPT, ACCEPT, ACCEPT)
    await admit(camera)
    await tell(ENDED, HANDSHAKE, ENDED)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
    assert.equal(entered[0]?.name, 'camera')
    assert.equal(monitor.peers, 1)
  })

  test('not when somebody refused goes meanwhile', async () => {
    const { told, tell, admit } = openDoor()
    await tell(ACCEPT, REFUSED, ACCEPT)
    await admit(camera)
    await tell(ENDED, HANDSHAKE)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
  })

  test('not when it may have been the one that entered after all', async () => {
    const { told, tell, admit } = openDoor()
    await tell(ACCEPT, ACCEPT)
    await admit(odd)
    await admit(camera)
    await tell(ENDED, HANDSHAKE)
    await delay(JUDGED_MS)
    assert.deepEqual(told, [])
  })
})

test('another pattern is told also while a peer streams', async () => {
  const ends = await matchingEnds({ pattern: 'reqrep', level: 'ironhouse' })
  const receiver = openReceiver(ends.receiver)
  const sender = openSender(ends.sender)
  await receiver.events.first(({ event }) => event === 'connected')
  const other = openSender({ ...ends.sender, pattern: 'pair' })
  try {
    const told = await receiver.events.first(({ event }) => event === 'refused')
    assert.equal(told.event === 'refused' && told.code, 'NETGEAR_PATTERN_MISMATCH')
    assert.equal(receiver.end.state.state, 'connected')
  } finally {
    await Promise.all([receiver, sender, other].map(({ end }) => end.close()))
  }
})
