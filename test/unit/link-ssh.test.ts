import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, Server, type ServerChannel, utils } from 'ssh2'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { parseSshAddress, SshTunnel } from '../../lib/link/ssh-tunnel'
import { Gathered, isConnected, jpegOf, matchingEnds, openReceiver, openSender } from '../links'

const hostKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' })
const userKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' })

const LATE_PORT = 1
const WATCH_MS = 2500

/** An SSH server that lets «cam» in with a password or a key, and forwards to this machine. */
class SshHost {
  readonly connections = new Set<Connection>()
  readonly server: Server
  /** Lets those through who want to go to `LATE_PORT`. */
  readonly late = new Gathered<() => ServerChannel>()
  password = 'fence'
  logins = 0
  refused = 0

  constructor() {
    const known = utils.parseKey(userKey)
    if (known instanceof Error) throw known
    this.server = new Server({ hostKeys: [hostKey] }, (connection) => {
      this.connections.add(connection)
      connection.on('error', () => undefined)
      connection.on('close', () => this.connections.delete(connection))
      connection.on('authentication', (login) => {
        const byPassword = login.method === 'password' && login.password === this.password
        const byKey = login.method === 'publickey' && login.key.data.equals(known.getPublicSSH())
        if (login.username === 'cam' && (byPassword || byKey)) login.accept()
        else login.reject(['password', 'publickey'])
        if (login.method === 'password' && !byPassword) this.refused += 1
      })
      connection.on('ready', () => {
        this.logins += 1
      })
      connection.on('tcpip', (accept, _reject, { destPort }) => {
        if (destPort === LATE_PORT) {
          this.late.add(accept)
          return
        }
        const channel = accept()
        const target = connect(destPort, '127.0.0.1')
        target.on('error', () => channel.close())
        channel.on('error', () => target.destroy())
        channel.pipe(target).pipe(channel)
      })
    })
  }

  get port(): number {
    return (this.server.address() as { port: number }).port
  }

  cut(): void {
    for (const connection of this.connections) connection.end()
  }
}

const host = new SshHost()
const parsed = utils.parseKey(hostKey)
if (parsed instanceof Error) throw parsed
const fingerprint = `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`

before(() => new Promise<void>((resolve) => host.server.listen(0, '127.0.0.1', resolve)))
after(
  () =>
    new Promise<void>((resolve) => {
      host.cut()
      host.server.close(() => resolve())
    }),
)

function login(): { host: string; port: number; user: string } {
  return { host: '127.0.0.1', port: host.port, user: 'cam' }
}

describe('a sender through an SSH tunnel', () => {
  for (const [how, credentials] of [
    ['a password', { password: 'fence' }],
    ['a key file', { privateKey: Buffer.from(userKey) }],
  ] as const) {
    test(`reaches its receiver, logged in by ${how}, and again after the tunnel has dropped`, async () => {
      const ends = await matchingEnds({ pattern: 'reqrep', level: 'ironhouse' })
      const receiver = openReceiver(ends.receiver)
      const sender = openSender({ ...ends.sender, tunnel: { ...login(), ...credentials, hostKey: fingerprint } })
      try {
        await sender.events.first(isConnected)
        const arrived = receiver.frames.next()
        sender.end.send({ encoding: 'jpeg', body: jpegOf('through') })
        assert.deepEqual((await arrived).frame.body, jpegOf('through'))
        const again = sender.events.next(isConnected)
        const { logins } = host
        host.cut()
        await again
        assert.equal(host.logins, logins + 1)
        const next = receiver.frames.next()
        sender.end.send({ encoding: 'jpeg', body: jpegOf('again') })
        assert.deepEqual((await next).frame.body, jpegOf('again'))
      } finally {
        await Promise.all([sender.end.close(), receiver.end.close()])
      }
    })
  }

  test('is told when its password is no longer right, and does not try it again and again', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const receiver = openReceiver(ends.receiver)
    const sender = openSender({ ...ends.sender, tunnel: { ...login(), password: 'fence', hostKey: fingerprint } })
    try {
      await sender.events.first(isConnected)
      host.password = 'changed'
      host.refused = 0
      host.cut()
      const failed = await sender.events.first(({ event }) => event === 'failed')
      assert.equal(failed.event === 'failed' && failed.code, 'NETGEAR_SSH_LOGIN')
      assert.equal(sender.end.state.state, 'failed')
      await delay(WATCH_MS)
      assert.ok(host.refused <= 3, `${host.refused} logins in ${WATCH_MS} ms`)
      host.password = 'fence'
      await sender.events.next(isConnected)
      assert.equal(sender.end.state.state, 'connected')
    } finally {
      host.password = 'fence'
      await Promise.all([sender.end.close(), receiver.end.close()])
    }
  })

  for (const [what, tunnel, code] of [
    ['another host key', { password: 'fence', hostKey: 'SHA256:someoneElses' }, 'NETGEAR_SSH_HOST_KEY'],
    ['no host key to expect', { password: 'fence', hostKey: '' }, 'NETGEAR_SSH_HOST_KEY'],
    ['a wrong password', { password: 'gate', hostKey: fingerprint }, 'NETGEAR_SSH_LOGIN'],
    ['the same, the host key with its padding', { password: 'gate', hostKey: `${fingerprint}=` }, 'NETGEAR_SSH_LOGIN'],
    ['a key file that is none', { privateKey: Buffer.from('none'), hostKey: fingerprint }, 'NETGEAR_SSH_KEY_FILE'],
  ] as const) {
    test(`${what}: told in words, and nothing gets through`, async () => {
      const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
      const receiver = openReceiver(ends.receiver)
      const sender = openSender({ ...ends.sender, tunnel: { ...login(), ...tunnel } })
      try {
        const failed = await sender.events.first(({ event }) => event === 'failed')
        assert.equal(failed.event === 'failed' && failed.code, code)
        if (code === 'NETGEAR_SSH_HOST_KEY') assert.ok(failed.event === 'failed' && failed.reason.includes(fingerprint))
        assert.doesNotMatch(JSON.stringify(sender.events.all), /fence|gate/)
        assert.equal(receiver.end.stats().peers, 0)
      } finally {
        await Promise.all([sender.end.close(), receiver.end.close()])
      }
    })
  }

  test('closes a channel that comes when its line has ended already', async () => {
    const credentials = { password: 'fence', hostKey: fingerprint }
    const tunnel = new SshTunnel(
      { ...login(), ...credentials },
      { address: '127.0.0.1', port: LATE_PORT },
      () => undefined,
    )
    try {
      const { address } = await tunnel.nearEnd()
      const line = connect(Number(new URL(address).port), '127.0.0.1')
      const accept = await host.late.first(() => true)
      const ended = new Promise((resolve) => line.once('close', resolve))
      line.end()
      line.resume()
      await ended
      const channel = accept()
      channel.resume()
      await new Promise((resolve) => channel.once('close', resolve))
    } finally {
      tunnel.close()
    }
  })

  test('leads to one receiver only', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'grassland' })
    const tunnel = { ...login(), password: 'fence', hostKey: fingerprint }
    assert.throws(() => openSender({ ...ends.sender, ports: [5555, 5556], tunnel }), { code: 'NETGEAR_SSH_SINGLE' })
    assert.throws(() => openSender({ ...ends.sender, mode: 'bind', tunnel }), { code: 'NETGEAR_SSH_SINGLE' })
  })
})

test('SSH addresses are read as OpenSSH takes them', () => {
  assert.deepEqual(parseSshAddress('cam@yard'), { user: 'cam', host: 'yard', port: 22 })
  assert.deepEqual(parseSshAddress('cam@yard:2222'), { user: 'cam', host: 'yard', port: 2222 })
  // An @ may stand in a key, which then looks like an address.
  const secretKey = generateKeyPair().secretKey.replaceAll('@', 'x')
  assert.throws(
    () => parseSshAddress(`"${secretKey}"`),
    (error: Error) => !error.message.includes(secretKey.slice(0, 20)),
  )
  assert.deepEqual(parseSshAddress('cam@[::1]:2222'), { user: 'cam', host: '::1', port: 2222 })
  for (const text of ['yard', 'cam@', '@yard', 'cam@yard:99999', 'cam@yard:x', '']) {
    assert.throws(() => parseSshAddress(text), { code: 'NETGEAR_SSH_ADDRESS' })
  }
})
