import assert from 'node:assert/strict'
import dns from 'node:dns/promises'
import { createServer } from 'node:net'
import { mock, test } from 'node:test'
import { sharedZeroMq } from '../../lib/link/zeromq'
import { freePort } from '../free-port'
import { Gathered, matchingEnds, openReceiver, openSender } from '../links'

const AT_ONCE_MS = 500

async function closesAtOnce({ end }: { end: { close(): Promise<void> } }): Promise<void> {
  const from = performance.now()
  await end.close()
  const ms = performance.now() - from
  assert.ok(ms < AT_ONCE_MS, `closed after ${ms} ms`)
}

test('a link closes at once while a name server says nothing, and what that says later is ignored', async () => {
  const questions = new Gathered<(error: Error) => void>()
  const { mock: lookup } = mock.method(dns, 'lookup')
  lookup.mockImplementation((() => new Promise((_, reject) => questions.add(reject))) as unknown as typeof dns.lookup)
  try {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland' })
    const sender = openSender({ ...ends.sender, address: 'camera.invalid' })
    const fail = await questions.first(() => true)
    await closesAtOnce(sender)
    fail(new Error('too late'))
    // An escaped rejection would fail the test.
    await new Promise(setImmediate)
    assert.deepEqual(sender.events.all, [])
  } finally {
    lookup.restore()
  }
})

test('a link closes at once while an SSH server says nothing, and hangs up on it', async () => {
  const hungUp = new Gathered<string>()
  const called = new Gathered<string>()
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('close', () => hungUp.add('closed'))
    called.add('connected')
    socket.resume()
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland' })
  const tunnel = { host: '127.0.0.1', port, user: 'cam', password: 'fence', hostKey: 'SHA256:x' }
  const sender = openSender({ ...ends.sender, tunnel })
  await called.first(() => true)
  await closesAtOnce(sender)
  await hungUp.first(() => true)
  server.close()
})

test('a link closes at once while the authenticator cannot start', async () => {
  const { zmq, context, authenticator } = sharedZeroMq()
  const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
  authenticator.interrupt()
  const squatter = new zmq.Router({ context, linger: 0 })
  await bindWhenFree(squatter, 'inproc://zeromq.zap.01')
  const receiver = openReceiver(ends.receiver)
  await new Promise(setImmediate)
  assert.equal(receiver.end.state.state, 'failed')
  await closesAtOnce(receiver)
  squatter.close()
})

/** An address inside the process is free a little after its socket was closed. */
async function bindWhenFree(socket: { bindSync(address: string): void }, address: string): Promise<void> {
  for (;;) {
    try {
      socket.bindSync(address)
      return
    } catch {
      await new Promise(setImmediate)
    }
  }
}
