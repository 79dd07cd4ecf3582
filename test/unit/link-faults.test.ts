import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import dns from 'node:dns/promises'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, mock, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ipcPath } from '../../lib/link/endpoint'
import type { LinkEvent } from '../../lib/link/link-events'
import { Receiver } from '../../lib/link/receiver'
import { freePort } from '../free-port'
import { type End, Gathered, jpegOf, matchingEnds, openReceiver, openSender, PATTERNS } from '../links'

const LOCAL = { mode: 'bind', protocol: 'tcp', address: '127.0.0.1', security: { level: 'grassland' } } as const
const UNPRIVILEGED_USER = 65534

const escaped: unknown[] = []
const note = (reason: unknown) => escaped.push(reason)

before(() => process.on('unhandledRejection', note))
after(() => {
  process.off('unhandledRejection', note)
  assert.deepEqual(escaped, [])
})

describe('an address that cannot be opened is told, and opened as soon as it can be', () => {
  test('a port in use by another program', async () => {
    const other = await listenOn(0)
    const port = (other.address() as { port: number }).port
    const receiver = openReceiver({ ...LOCAL, pattern: 'pubsub', ports: [port] })
    try {
      const failed = await failure(receiver.events)
      assert.equal(failed.code, 'NETGEAR_PORT_IN_USE')
      assert.match(failed.reason, new RegExp(`tcp://127\\.0\\.0\\.1:${port} is in use`))
      assert.equal(receiver.end.state.state, 'failed')
      await closed(other)
      await receiver.events.first(isListening)
      assert.equal(receiver.end.state.state, 'waiting')
      assert.equal(receiver.events.all.filter(({ event }) => event === 'failed').length, 1)
    } finally {
      await receiver.end.close()
    }
  })

  for (const protocol of ['tcp', 'ipc'] as const) {
    test(`a port in use by another link of ours, which goes on undisturbed: ${protocol}`, async () => {
      const ends = await matchingEnds({ pattern: 'pair', level: 'ironhouse', protocol })
      const first = openReceiver(ends.receiver)
      const sender = openSender(ends.sender)
      await first.events.first(isConnected)
      const second = openReceiver(ends.receiver)
      try {
        assert.equal((await failure(second.events)).code, 'NETGEAR_PORT_IN_USE')
        const arrived = first.frames.next()
        sender.end.send({ encoding: 'jpeg', body: jpegOf('undisturbed') })
        assert.deepEqual((await arrived).frame.body, jpegOf('undisturbed'))
        await first.end.close()
        await second.events.first(isConnected)
        for (const { events } of [first, sender]) assert.ok(events.all.every(({ event }) => event !== 'refused'))
      } finally {
        await closeAll(first, second, sender)
      }
    })
  }

  test('an address of another machine', async () => {
    const receiver = openReceiver({ ...LOCAL, pattern: 'pair', address: '192.0.2.1', ports: [await freePort()] })
    const failed = await failure(receiver.events)
    assert.equal(failed.code, 'NETGEAR_ADDRESS_NOT_OURS')
    assert.match(failed.reason, /use \*/)
    await receiver.end.close()
  })

  test('a privileged port, and a folder that may not be written to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netgear-'))
    chmodSync(folder, 0o500)
    const isRoot = process.getuid?.() === 0
    const privileged = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'latin1')) - 1
    if (isRoot) process.seteuid?.(UNPRIVILEGED_USER)
    const file = openReceiver({ ...LOCAL, pattern: 'pair', protocol: 'ipc', address: join(folder, 'x'), ports: [1] })
    const low =
      privileged > 0 ? openReceiver({ ...LOCAL, pattern: 'pair', address: '*', ports: [privileged] }) : undefined
    try {
      for (const end of [file, ...(low ? [low] : [])]) {
        const failed = await failure(end.events)
        assert.equal(failed.code, 'NETGEAR_BIND_DENIED')
        assert.match(failed.reason, /port above 1023, or a folder that can be written/)
      }
    } finally {
      if (isRoot) process.seteuid?.(0)
      await closeAll(file, ...(low ? [low] : []))
      rmSync(folder, { recursive: true })
    }
  })

  test('a folder that does not exist', async () => {
    const address = join(tmpdir(), 'netgear-no-such-folder', 'x')
    const receiver = openReceiver({ ...LOCAL, pattern: 'pair', protocol: 'ipc', address, ports: [1] })
    const failed = await failure(receiver.events)
    assert.equal(failed.code, 'NETGEAR_FOLDER_MISSING')
    assert.match(failed.reason, /folder does not exist/)
    await receiver.end.close()
  })
})

describe('an ipc path', () => {
  test('that somebody listens at is not taken from him', async () => {
    const ends = await matchingEnds({ pattern: 'pair', level: 'grassland', protocol: 'ipc' })
    const path = ipcPath({ ...ends.receiver, port: ends.receiver.ports[0] as number })
    const owner = await listenOn(path)
    const receiver = openReceiver(ends.receiver)
    try {
      assert.equal((await failure(receiver.events)).code, 'NETGEAR_PORT_IN_USE')
      assert.ok(existsSync(path))
      await closed(owner)
      await receiver.events.first(isListening)
    } finally {
      await receiver.end.close()
    }
  })

  test('that a dead program left behind is taken over', async () => {
    const ends = await matchingEnds({ pattern: 'pair', level: 'grassland', protocol: 'ipc' })
    const path = ipcPath({ ...ends.receiver, port: ends.receiver.ports[0] as number })
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    assert.equal(spawnSync(process.execPath, ['-e', script]).signal, 'SIGKILL')
    assert.ok(existsSync(path))
    const receiver = openReceiver(ends.receiver)
    const sender = openSender(ends.sender)
    try {
      await sender.events.first(isConnected)
      assert.ok(receiver.events.all.every(({ event }) => event !== 'failed'))
    } finally {
      await closeAll(receiver, sender)
    }
  })
})

describe('a host that is not known', () => {
  test('is told, while other links go on; once it is known it is used', async () => {
    const ends = await matchingEnds({ pattern: 'pubsub', level: 'ironhouse' })
    const lookup = mockLookup()
    const receiver = openReceiver(ends.receiver)
    const lost = openSender({ ...ends.sender, address: 'camera.invalid' })
    const sender = openSender(ends.sender)
    try {
      const failed = await failure(lost.events)
      assert.equal(failed.code, 'NETGEAR_HOST_UNKNOWN')
      assert.match(failed.reason, /"camera\.invalid" cannot be found/)
      await sender.events.first(isConnected)
      const arrived = receiver.frames.next()
      sender.end.send({ encoding: 'jpeg', body: jpegOf('meanwhile') })
      assert.deepEqual((await arrived).frame.body, jpegOf('meanwhile'))
      lookup.resolvesTo('127.0.0.1')
      await lost.events.first(isConnected)
    } finally {
      lookup.restore()
      await closeAll(receiver, sender, lost)
    }
  })

  test('is no longer complained of once it is known, even if nobody listens there', async () => {
    const changes = new Gathered<string>()
    const lookup = mockLookup()
    const port = await freePort()
    const sender = openSender({
      ...{ pattern: 'pair', mode: 'connect', protocol: 'tcp', address: 'camera.invalid', ports: [port] },
      security: { level: 'grassland' },
      onChange: () => changes.add(sender?.end.state.state ?? ''),
    })
    try {
      await failure(sender.events)
      lookup.resolvesTo('127.0.0.1')
      await changes.next((state) => state === 'waiting')
    } finally {
      lookup.restore()
      await sender.end.close()
    }
  })

  test('a peer that came back under the same name at another address is found there', async () => {
    const lookup = mockLookup('127.0.0.1')
    const ends = await matchingEnds({ pattern: 'reqrep', level: 'ironhouse' })
    const before = openReceiver(ends.receiver)
    const sender = openSender({ ...ends.sender, address: 'camera.invalid' })
    await sender.events.first(isConnected)
    await before.end.close()
    const back = openReceiver({ ...ends.receiver, address: '127.0.0.2' })
    try {
      await back.events.first(isListening)
      const returned = performance.now()
      lookup.resolvesTo('127.0.0.2')
      await back.events.first(isConnected)
      assert.ok(performance.now() - returned < 2500, `back after ${performance.now() - returned} ms`)
    } finally {
      lookup.restore()
      await closeAll(back, sender)
    }
  })

  test('a name server that does not answer is asked one question at a time', async () => {
    const lookup = mockLookup('127.0.0.1')
    const ends = await matchingEnds({ pattern: 'pair', level: 'grassland' })
    const receiver = openReceiver(ends.receiver)
    const sender = openSender({ ...ends.sender, address: 'camera.invalid' })
    await sender.events.first(isConnected)
    const asked = lookup.questions()
    lookup.answersNothing()
    await receiver.end.close()
    // libzmq tries again after 0.1, 0.2, 0.4 and 0.8 s; that nothing is asked then has no event
    await delay(1000)
    assert.equal(lookup.questions() - asked, 1)
    lookup.restore()
    await sender.end.close()
  })
})

describe('a consumer that throws', () => {
  for (const pattern of PATTERNS) {
    test(`${pattern}: from any of its callbacks, does not stop the stream`, async () => {
      const ends = await matchingEnds({ pattern, level: 'grassland' })
      const events = new Gathered<LinkEvent>()
      const frames = new Gathered<string>()
      const throws = () => {
        throw new Error('the consumer is broken')
      }
      const receiver = new Receiver({
        ...ends.receiver,
        onEvent: (event) => {
          events.add(event)
          throws()
        },
        onFrame: (frame) => {
          frames.add(frame.body.toString('latin1', 2, frame.body.length - 2))
          throws()
        },
        onEnd: throws,
        onChange: throws,
      })
      const sender = openSender({ ...ends.sender, queue: 10, onAnswer: throws, onChange: throws })
      try {
        await sender.events.first(isConnected)
        await events.first(isConnected)
        for (const content of ['one', 'two', 'three']) {
          const arrived = frames.next((text) => text === content)
          sender.end.send({ encoding: 'jpeg', body: jpegOf(content) })
          await arrived
          const ended = events.next(({ event }) => event === 'ended')
          sender.end.end()
          await ended
        }
        const invalid = await events.first(({ event }) => event === 'invalid')
        assert.equal(invalid.event === 'invalid' && invalid.code, 'NETGEAR_CONSUMER')
        assert.match(invalid.event === 'invalid' ? invalid.reason : '', /the consumer is broken/)
      } finally {
        await Promise.all([receiver.close(), sender.end.close()])
      }
    })
  }
})

function listenOn(where: number | string): Promise<Server> {
  const server = createServer()
  return new Promise((resolve) => {
    if (typeof where === 'string') server.listen(where, () => resolve(server))
    else server.listen(where, '127.0.0.1', () => resolve(server))
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** From now on every host name leads to that address. */
function mockLookup(address?: string) {
  const { mock: lookup } = mock.method(dns, 'lookup')
  const resolvesTo = (found: string) =>
    lookup.mockImplementation((() => Promise.resolve([{ address: found, family: 4 }])) as unknown as typeof dns.lookup)
  if (address) resolvesTo(address)
  const answersNothing = () =>
    lookup.mockImplementation((() => new Promise(() => undefined)) as unknown as typeof dns.lookup)
  return { resolvesTo, answersNothing, questions: () => lookup.callCount(), restore: () => lookup.restore() }
}

async function failure(events: Gathered<LinkEvent>): Promise<LinkEvent & { event: 'failed' }> {
  return (await events.first(({ event }) => event === 'failed')) as LinkEvent & { event: 'failed' }
}

function isListening({ event }: { event: string }): boolean {
  return event === 'listening'
}

function isConnected({ event }: { event: string }): boolean {
  return event === 'connected'
}

async function closeAll(...ends: End<{ close(): Promise<void> }>[]): Promise<void> {
  await Promise.all(ends.map(({ end }) => end.close()))
}
