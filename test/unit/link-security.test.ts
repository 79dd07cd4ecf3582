import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as zmq from 'zeromq'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { assertSecured } from '../../lib/link/security'
import { sharedZeroMq } from '../../lib/link/zeromq'
import { closeAll, isConnected, jpegOf, matchingEnds, openReceiver, openSender, PATTERNS, secured } from '../links'
import { Tap } from '../tap'

const SECRET_CONTENT = 'the number plate is KA-TX 4711'

describe('what a link of each level lets in', () => {
  test('IronHouse refuses a stranger, tells who knocked, and serves the trusted one meanwhile', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const stranger = generateKeyPair()
    const receiver = openReceiver(ends.receiver)
    const outsider = openSender({
      ...ends.sender,
      security: secured('ironhouse', stranger, { receiver: ends.keys.receiver.publicKey }),
    })
    const sender = openSender(ends.sender)
    try {
      const refused = await receiver.events.first(({ event }) => event === 'refused')
      assert.equal(refused.event === 'refused' && refused.publicKey, stranger.publicKey)
      assert.equal(refused.event === 'refused' && refused.address, '127.0.0.1')
      assert.equal(refused.event === 'refused' && refused.code, 'NETGEAR_KEY_NOT_TRUSTED')
      const told = await outsider.events.first(({ event }) => event === 'refused')
      assert.equal(told.event === 'refused' && told.code, 'NETGEAR_REFUSED')
      assert.equal(outsider.end.state.state, 'refused')
      await sender.events.first(isConnected)
      const arrived = receiver.frames.next()
      outsider.end.send({ encoding: 'jpeg', body: jpegOf('forged') })
      sender.end.send({ encoding: 'jpeg', body: jpegOf('true') })
      assert.deepEqual((await arrived).frame.body, jpegOf('true'))
      assert.ok(receiver.events.all.every((event) => event.event !== 'connected' || event.name === 'sender'))
    } finally {
      await closeAll(receiver, sender, outsider)
    }
  })

  test('a refused sender gets in as soon as it is trusted', async () => {
    const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse' })
    const strict = openReceiver({ ...ends.receiver, security: secured('ironhouse', ends.keys.receiver, {}) })
    const sender = openSender(ends.sender)
    await sender.events.first(({ event }) => event === 'refused')
    await strict.end.close()
    const receiver = openReceiver(ends.receiver)
    try {
      await sender.events.first(isConnected)
    } finally {
      await closeAll(receiver, sender)
    }
  })

  test('StoneHouse lets any key in, but nobody without one', async () => {
    const ends = await matchingEnds({ pattern: 'reqrep', level: 'stonehouse' })
    const receiver = openReceiver(ends.receiver)
    const anyone = openSender({
      ...ends.sender,
      security: secured('stonehouse', generateKeyPair(), { receiver: ends.keys.receiver.publicKey }),
    })
    const plain = openSender({ ...ends.sender, security: { level: 'grassland' } })
    try {
      await Promise.all([anyone.events.first(isConnected), receiver.events.first(isConnected)])
      const told = await plain.events.first(({ event }) => event === 'refused')
      assert.equal(told.event === 'refused' && told.code, 'NETGEAR_OTHER_END_ENCRYPTED')
      assert.equal(receiver.end.stats().peers, 1)
    } finally {
      await closeAll(receiver, anyone, plain)
    }
  })

  test('links of one process keep their trust lists apart', async () => {
    const one = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const two = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const first = openReceiver(one.receiver)
    const second = openReceiver(two.receiver)
    const crossed = openSender({
      ...two.sender,
      security: secured('ironhouse', one.keys.sender, { receiver: two.keys.receiver.publicKey }),
    })
    const right = openSender(one.sender)
    try {
      await right.events.first(isConnected)
      const refused = await second.events.first(({ event }) => event === 'refused')
      assert.equal(refused.event === 'refused' && refused.publicKey, one.keys.sender.publicKey)
    } finally {
      await closeAll(first, second, crossed, right)
    }
  })

  test('a wrong server key is told to the end that can know', async () => {
    const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse' })
    const receiver = openReceiver(ends.receiver)
    const sender = openSender({
      ...ends.sender,
      security: secured('ironhouse', ends.keys.sender, { receiver: generateKeyPair().publicKey }),
    })
    try {
      const told = await sender.events.first(({ event }) => event === 'refused')
      assert.equal(told.event === 'refused' && told.code, 'NETGEAR_WRONG_SERVER_KEY')
      assert.match(told.event === 'refused' ? told.reason : '', /"receiver"/)
    } finally {
      await closeAll(receiver, sender)
    }
  })

  for (const level of ['grassland', 'ironhouse'] as const) {
    test(`another pattern at the other end of a ${level} link is told`, async () => {
      const ends = await matchingEnds({ pattern: 'pair', level })
      const receiver = openReceiver({ ...ends.receiver, pattern: 'reqrep' })
      const sender = openSender(ends.sender)
      try {
        const told = await receiver.events.first(({ event }) => event === 'refused')
        assert.equal(told.event === 'refused' && told.code, 'NETGEAR_PATTERN_MISMATCH')
        const connecting = await sender.events.first(({ event }) => event === 'refused')
        assert.match(connecting.event === 'refused' ? connecting.reason : '', /pattern/)
      } finally {
        await closeAll(receiver, sender)
      }
    })
  }

  test('an unencrypted listener is told apart from a wrong key', async () => {
    const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse' })
    const receiver = openReceiver({ ...ends.receiver, security: { level: 'grassland' } })
    const sender = openSender(ends.sender)
    try {
      const told = await sender.events.first(({ event }) => event === 'refused')
      assert.equal(told.event === 'refused' && told.code, 'NETGEAR_OTHER_END_PLAIN')
    } finally {
      await closeAll(receiver, sender)
    }
  })
})

describe('never plaintext by accident', () => {
  for (const pattern of PATTERNS) {
    test(`${pattern}: nothing of a frame is seen on the line, over cut connections and renewed sockets`, async () => {
      const ends = await matchingEnds({ pattern, level: 'ironhouse' })
      const tap = await Tap.open(ends.receiver.ports[0] as number)
      const receiver = openReceiver(ends.receiver)
      const sender = openSender({ ...ends.sender, ports: [tap.port], name: 'a telling name' })
      try {
        for (const disturb of [
          () => undefined,
          () => tap.cut(),
          () => receiver.end.renew(),
          () => sender.end.renew(),
        ]) {
          const before = tap.connections
          disturb()
          if (before > 0 && disturb.toString() !== '() => undefined') await sender.events.next(isConnected)
          const arrived = receiver.frames.next()
          const resend = setInterval(() => sender.end.send({ encoding: 'jpeg', body: jpegOf(SECRET_CONTENT) }), 50)
          assert.deepEqual((await arrived).frame.body, jpegOf(SECRET_CONTENT))
          clearInterval(resend)
        }
        const { seen } = tap
        assert.ok(seen.length > 1000)
        assert.ok(tap.connections >= 3)
        for (const telling of [SECRET_CONTENT, 'a telling name', 'terminate_flag', 'NULL']) {
          assert.equal(seen.includes(telling), false, `"${telling}" was seen`)
        }
      } finally {
        await closeAll(receiver, sender)
        await tap.close()
      }
    })
  }

  test('a tap on an unencrypted link does see it, so that the test above can fail', async () => {
    const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
    const tap = await Tap.open(ends.receiver.ports[0] as number)
    const receiver = openReceiver(ends.receiver)
    const sender = openSender({ ...ends.sender, ports: [tap.port] })
    const arrived = receiver.frames.next()
    sender.end.send({ encoding: 'jpeg', body: jpegOf(SECRET_CONTENT) })
    await arrived
    assert.ok(tap.seen.includes(SECRET_CONTENT))
    await closeAll(receiver, sender)
    await tap.close()
  })

  test('a socket that lost its encryption on the way is not used', () => {
    const keys = generateKeyPair()
    const security = secured('ironhouse', keys, {})
    const { context } = sharedZeroMq()
    const plain = new zmq.Pair({ context, curveSecretKey: keys.secretKey, curveServer: false })
    assert.throws(() => assertSecured(plain, security, 'bind'), { code: 'NETGEAR_NOT_ENCRYPTED' })
    const asClient = new zmq.Pair({
      context,
      curveServerKey: keys.publicKey,
      curvePublicKey: keys.publicKey,
      curveSecretKey: keys.secretKey,
    })
    assert.throws(() => assertSecured(asClient, security, 'bind'), { code: 'NETGEAR_NOT_ENCRYPTED' })
    assert.doesNotThrow(() => assertSecured(asClient, security, 'connect'))
    plain.close()
    asClient.close()
  })
})

test('while the authenticator is down nobody gets in, and afterwards the trusted do', async () => {
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
  const receiver = openReceiver(ends.receiver)
  await receiver.events.first(({ event }) => event === 'listening')
  const { authenticator } = sharedZeroMq()
  for (let round = 0; round < 5; round += 1) {
    const stranger = openSender({
      ...ends.sender,
      security: secured('ironhouse', generateKeyPair(), { receiver: ends.keys.receiver.publicKey }),
    })
    authenticator.interrupt()
    const sender = openSender(ends.sender)
    await sender.events.first(isConnected)
    assert.ok(!stranger.events.all.some(isConnected))
    await closeAll(stranger, sender)
  }
  assert.ok(receiver.events.all.every((event) => event.event !== 'connected' || event.name === 'sender'))
  await receiver.end.close()
})

for (const pattern of PATTERNS) {
  test(`${pattern}: who waits is told which peer has left, where only one has been there`, async () => {
    const ends = await matchingEnds({ pattern, level: 'ironhouse' })
    const receiver = openReceiver(ends.receiver)
    const sender = openSender(ends.sender)
    try {
      const came = await receiver.events.first(({ event }) => event === 'connected')
      await sender.end.close()
      const left = await receiver.events.first(({ event }) => event === 'disconnected')
      assert.ok('name' in came && came.name)
      assert.deepEqual({ ...left, event: 'connected' }, came)
    } finally {
      await Promise.all([sender.end.close(), receiver.end.close()])
    }
  })
}
