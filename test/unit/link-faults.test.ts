import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ipcPath } from '../../lib/link/endpoint'
import type { LinkEvent } from '../../lib/link/link-events'
import { Receiver } from '../../lib/link/receiver'
import { assertNothingEscapes } from '../escapes'
import { freePort } from '../free-port'
import {
  closeAll,
  failure,
  Gathered,
  isConnected,
  isListening,
  jpegOf,
  matchingEnds,
  openReceiver,
  openSender,
  PATTERNS,
} from '../links'

const LOCAL = { mode: 'bind', protocol: 'tcp', address: '127.0.0.1', security: { level: 'grassland' } } as const
const UNPRIVILEGED_USER = 65534

assertNothingEscapes()

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
