import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { curveKeyPair } from 'zeromq'
import { securedEnds, startReceiver, startSender } from './loopback'
import { PythonPeer } from './python'

const picture = { seed: 7, shape: [24, 32, 3] }
const message = { seed: 7 }

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('who gets in', () => {
  test('IronHouse refuses a key that it does not know, StoneHouse takes it', async (t) => {
    for (const secure of [2, 1] as const) {
      const ends = securedEnds(secure)
      const stranger = curveKeyPair()
      const receiver = await startReceiver(t, 1, ends.receiver)
      const sender = await startSender(t, 1, receiver, { ...ends.sender, ...stranger, requestTimeout: 1 })
      const { answer } = await sender.command('send', { picture, message })
      const decision = await receiver.next('zap')
      assert.deepEqual([decision.key, decision.address], [stranger.publicKey, '127.0.0.1'])
      assert.equal(decision.accepted, secure === 1)
      assert.equal(answer !== null, secure === 1)
      if (secure === 2) assert.equal((await sender.next('refused')).code, 400)
    }
  })

  test('a sender with the wrong server key gets nowhere', async (t) => {
    const ends = securedEnds(1)
    const receiver = await startReceiver(t, 1, ends.receiver)
    const { publicKey } = curveKeyPair()
    const sender = await startSender(t, 1, receiver, { ...ends.sender, serverKey: publicKey, requestTimeout: 0.5 })
    assert.equal((await sender.command('send', { picture, message })).answer, null)
    await receiver.next('refused')
    assert.deepEqual(receiver.unclaimed('message'), [])
  })

  for (const pattern of [0, 1] as const) {
    test(`pattern ${pattern}: after a time-out a sender comes back in clear text, and is refused`, async (t) => {
      const ends = securedEnds(2)
      const receiver = await startReceiver(t, pattern, ends.receiver)
      const timing = { requestTimeout: 0.5, reconnectInClear: true, maxRetries: 2 }
      const sender = await startSender(t, pattern, receiver, { ...ends.sender, ...timing })
      assert.notEqual((await sender.command('send', { picture, message })).answer, null)
      await receiver.next('message')
      await receiver.command('setAnswering', { with: 'nothing' })
      assert.equal((await sender.command('send', { picture, message })).answer, null)
      await sender.next('reconnectedInClear')
      await receiver.next('message')
      await receiver.command('setAnswering', { with: 'netgear' })
      assert.equal((await sender.command('send', { picture, message })).answer, null)
      await receiver.next('refused')
      await sender.next('gaveUp')
      assert.deepEqual(receiver.unclaimed('message'), [])
      await assert.rejects(sender.command('send', { picture, message }), /given up/)
    })
  }

  test('after its silence a receiver listens in clear text', async (t) => {
    const receiver = await startReceiver(t, 0, {
      ...securedEnds(2).receiver,
      requestTimeout: 0.2,
      reconnectInClear: true,
    })
    await receiver.next('reconnectedInClear')
    const sender = await startSender(t, 0, receiver)
    assert.notEqual((await sender.command('send', { picture, message })).answer, null)
    await receiver.next('gaveUp')
  })

  test('a reconnection that is not in clear text keeps the security', async (t) => {
    const ends = securedEnds(2)
    const receiver = await startReceiver(t, 1, ends.receiver)
    const sender = await startSender(t, 1, receiver, ends.sender)
    await sender.command('send', { picture, message })
    await receiver.command('reconnect', { inClear: false })
    await sender.command('reconnect', { inClear: false })
    assert.notEqual((await sender.command('send', { picture, message })).answer, null)
    await receiver.next('zap')
    await receiver.next('zap')
  })
})

describe('answers', () => {
  test('late, of one choice, or one that a plain sender would choke on', async (t) => {
    const receiver = await startReceiver(t, 0)
    const sender = await startSender(t, 0, receiver)
    await receiver.command('setAnswering', { with: 'netgear', delay: 0.3 })
    const late = await sender.command('send', { picture, message })
    assert.ok((late.answer?.milliseconds ?? 0) >= 280, `answered after ${late.answer?.milliseconds} ms`)
    const parts = [base64('a'), base64('b')]
    await receiver.command('setAnswering', { with: 'parts', parts })
    const odd = await sender.command('send', { picture, message })
    assert.deepEqual(odd.answer?.parts, parts)
    assert.match(odd.answer?.complaint ?? '', /takes 1 part/)
  })

  test('modes that do not fit are told', async (t) => {
    const receiver = await startReceiver(t, 1, { bidirectional: true })
    const sender = await startSender(t, 1, receiver, { multiClient: true })
    const { answer } = await sender.command('send', { picture, message })
    assert.equal(answer?.complaint, 'the answer lacks port')
  })
})

describe('messages that a NetGear would die of', () => {
  test('are reported with their fault', async (t) => {
    const receiver = await startReceiver(t, 1, { multiServer: true, port: [0] })
    const sender = await startSender(t, 1, receiver)
    const fault = async (...parts: string[]) => {
      await sender.command('sendGarbage', { parts: parts.map(base64), awaitAnswerFor: 2 })
      return (await receiver.next('message')).complaint ?? 'none'
    }
    const header = { port: 1, terminate_flag: false, compression: false, message: null, dtype: 'uint8', shape: [1, 2] }
    const withHeader = (change: object) => fault(JSON.stringify({ ...header, ...change }), 'ab')
    assert.equal(await withHeader({}), 'none')
    assert.match(await fault('{}', 'a', 'b'), /2 parts, this one 3/)
    assert.match(await fault('{}'), /2 parts, this one 1/)
    assert.match(await fault('nonsense', ''), /no JSON object/)
    assert.match(await fault('[]', ''), /no JSON object/)
    assert.match(await withHeader({ port: undefined }), /lacks port/)
    assert.match(await withHeader({ message: undefined }), /lacks message/)
    assert.match(await withHeader({ shape: [1, 3] }), /do not fit 2 bytes/)
    assert.match(await withHeader({ dtype: undefined, shape: [0] }), /do not fit/)
    assert.match(await withHeader({ compression: true }), /lacks dct, ups, colorspace/)
    assert.match(
      await withHeader({ compression: { dct: true, ups: false, colorspace: 'BGR' } }),
      /does not start as one/,
    )
  })
})

describe('the program', () => {
  test('says what is wrong with a configuration, and what it cannot bind', async (t) => {
    await assert.rejects(
      PythonPeer.start({ role: 'sender', pattern: 1, secure: 2 }, t),
      /bad config: secure needs publicKey and secretKey/,
    )
    await assert.rejects(
      PythonPeer.start({ role: 'sender', pattern: 1, colour: 'red' } as never, t),
      /unknown settings: colour/,
    )
    await assert.rejects(startReceiver(t, 1, { address: '192.0.2.1' }), /cannot bind tcp:\/\/192\.0\.2\.1/)
  })

  test('survives a command that it cannot do, and ends a pause when told', async (t) => {
    const receiver = await startReceiver(t, 2)
    await assert.rejects(receiver.command('send', { picture }), /unknown command 'send'/)
    await assert.rejects(receiver.command('reconnect', { inClear: true }), /never reconnects in pattern 2/)
    const pause = receiver.command('pause', { seconds: 25 })
    await receiver.command('stop', {})
    await pause
  })

  test('its sudden end is told to everyone who waits for it', async (t) => {
    const receiver = await startReceiver(t, 0)
    const event = receiver.next('message')
    const command = receiver.command('pause', { seconds: 25 })
    receiver.kill('SIGKILL')
    await assert.rejects(event, /ended with SIGKILL/)
    await assert.rejects(command, /ended with SIGKILL/)
    await assert.rejects(receiver.command('stop', {}), /ended with SIGKILL/)
    await receiver.close()
  })

  test('is killed when it does not end by itself', async (t) => {
    const receiver = await startReceiver(t, 0)
    receiver.kill('SIGSTOP')
    await receiver.close()
    await assert.rejects(receiver.next('message'), /ended with SIGKILL/)
  })

  test('ends with its input, also in the middle of a pause', async (t) => {
    const receiver = await startReceiver(t, 0, securedEnds(2).receiver)
    receiver.command('pause', { seconds: 25 }).catch(() => {})
    await receiver.close()
    await assert.rejects(receiver.next('message'), /ended with exit code 0; its stderr: empty/)
  })
})
