import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { ConnectionCount } from '../../lib/link/connection-count'
import { Doorkeeper } from '../../lib/link/doorkeeper'
import { DEFAULT_LINK_LIMITS } from '../../lib/link/limits'
import { ACCEPT, camera, ENDED, HANDSHAKE, openDoor, TIMED_OUT } from '../door'

const HANDSHAKE_MS = 10_000

describe('peers are counted by events that do not tell whose they are', () => {
  let now: number
  let count: ConnectionCount

  beforeEach(() => {
    now = 0
    mock.method(performance, 'now', () => now)
    count = new ConnectionCount(HANDSHAKE_MS)
  })
  afterEach(() => mock.restoreAll())

  const peerCame = () => {
    count.opened()
    count.proven()
  }

  test('one that leaves is gone at once where nobody else is there', () => {
    peerCame()
    peerCame()
    assert.equal(count.peers, 2)
    count.ended(0)
    assert.deepEqual([count.peers, count.doubts], [1, 0])
  })

  test('one that leaves is gone at once where all others wait at the door', () => {
    peerCame()
    count.opened()
    count.ended(1)
    assert.deepEqual([count.peers, count.doubts], [0, 0])
  })

  test('one that leaves just before another knocks is gone as soon as that one waits at the door', () => {
    peerCame()
    count.opened()
    count.ended(0)
    assert.deepEqual([count.peers, count.doubts], [1, 1])
    count.held(1)
    assert.deepEqual([count.peers, count.doubts], [0, 0])
    count.proven()
    assert.equal(count.peers, 1)
  })

  test('one that leaves between silent strangers who take turns does not stay for ever', () => {
    count.opened()
    now = 4000
    count.opened()
    peerCame()
    count.ended(0)
    assert.deepEqual([count.peers, count.doubts], [1, 1])
    for (let turn = 1; turn < 3; turn += 1) {
      for (const phase of [0, 4000]) {
        now = turn * HANDSHAKE_MS + phase
        count.failed(true)
        count.opened()
      }
    }
    assert.deepEqual([count.peers, count.doubts], [0, 0])
  })

  test('one that stays is there whatever strangers do', () => {
    count.opened()
    now = 4000
    count.opened()
    peerCame()
    for (let turn = 1; turn < 20; turn += 1) {
      for (const phase of [0, 4000]) {
        now = turn * HANDSHAKE_MS + phase
        count.failed(true)
        count.opened()
        // port scan, nonsense, a key that is not trusted
        count.opened()
        count.failed(false)
        count.opened()
        count.ended(0)
        count.opened()
        count.dismissed()
        count.ended(0)
        assert.equal(count.peers, 1)
      }
    }
  })

  test('never fewer than there are, and exactly so many when the strangers have gone', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      now = 0
      count = new ConnectionCount(HANDSHAKE_MS)
      const { peers, strangersGo } = crowd(seed)
      strangersGo()
      assert.equal(count.peers, peers(), `seed ${seed}`)
    }
  })

  /** Strangers and peers that come and go at random. */
  function crowd(seed: number) {
    let state = seed
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    let peers = 0
    let strangers: { at: number; refused: boolean }[] = []
    const timeOut = () => {
      const over = strangers.filter(({ at }) => now - at >= HANDSHAKE_MS)
      strangers = strangers.filter(({ at }) => now - at < HANDSHAKE_MS)
      for (const { refused } of over) refused ? count.ended(0) : count.failed(true)
    }
    const actions = [
      () => {
        peers += 1
        peerCame()
      },
      () => {
        if (peers === 0) return
        peers -= 1
        count.ended(0)
      },
      () => {
        strangers.push({ at: now, refused: false })
        count.opened()
      },
      () => {
        strangers.push({ at: now, refused: true })
        count.opened()
        count.dismissed()
      },
      () => {
        const [one] = strangers.splice(random(strangers.length), 1)
        if (one) one.refused || random(2) === 0 ? count.ended(0) : count.failed(false)
      },
    ]
    for (let step = 0; step < 200; step += 1) {
      now += random(2000)
      timeOut()
      actions[random(actions.length)]?.()
      assert.ok(count.peers >= peers, `seed ${seed}, step ${step}: ${count.peers} of ${peers}`)
    }
    const strangersGo = () => {
      for (let ms = 0; ms < HANDSHAKE_MS; ms += 100) {
        now += 100
        timeOut()
      }
    }
    return { peers: () => peers, strangersGo }
  }
})

test('a peer is not refused, and no other cut off, because a stranger hides that it has left before', async () => {
  const { monitor, told, tell, admit } = openDoor({ connections: 2 })
  const comes = async () => {
    await tell(ACCEPT)
    assert.equal(await admit(camera), true)
    await tell(HANDSHAKE)
  }
  await tell(ACCEPT)
  await comes()
  await comes()
  await tell(ENDED)
  await comes()
  assert.equal(monitor.peers, 3)
  await tell(TIMED_OUT, ENDED)
  assert.equal(monitor.peers, 2)
  assert.deepEqual(told, [])
  await tell(ACCEPT)
  assert.equal(await admit(camera), false)
})

test('strangers who hide whether peers have left get nobody refused, but no more than twice as many in', async () => {
  const LIMIT = 4
  let peers = 0
  const codes: string[] = []
  const door = new Doorkeeper({
    security: { level: 'grassland' },
    pattern: 'pubsub',
    exclusive: false,
    limits: { ...DEFAULT_LINK_LIMITS, connections: LIMIT },
    peers: () => peers,
    surePeers: () => 0,
    lastHeard: () => 0,
    evict: () => assert.fail('nobody is to be cut off'),
    recount: () => undefined,
    refused: ({ code }) => codes.push(code),
  })
  for (; await door.admit({ address: '10.0.0.1' }); peers += 1) door.entered()
  assert.equal(peers, 2 * LIMIT)
  assert.deepEqual(codes, ['NETGEAR_TOO_MANY_CONNECTIONS'])
})
