import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { formatPublicCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory, readKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair, type KeyPair } from '../../lib/keys/key-pair'
import type { Sender } from '../../lib/link/sender'
import { freePort } from '../free-port'
import { type End, openReceiver, openSender, secured } from '../links'
import { directoryKeys, netgearIn, netgearOut, storedKeys, TAB } from './flows'
import { type Deployment, GuardedNodeRed } from './guarded-node-red'

const AT_ONCE_MS = 1000

const INSTANCE = { id: 'yard', type: 'subflow:camera', z: TAB.id, x: 10, y: 10, name: '', wires: [] }

const own = generateKeyPair()
const camera = generateKeyPair()
const robot = generateKeyPair()
const everybody = { camera: camera.publicKey, robot: robot.publicKey }
let nodeRed: GuardedNodeRed
let port: number

before(async () => {
  nodeRed = await GuardedNodeRed.start()
})
beforeEach(async () => {
  port = await freePort()
})
after(() => nodeRed.stop())

function connect(pair: KeyPair, serverKey: string, pattern: 'pubsub' | 'reqrep' = 'pubsub'): End<Sender> {
  return openSender({
    pattern,
    mode: 'connect',
    protocol: 'tcp',
    address: '127.0.0.1',
    ports: [port],
    security: secured('ironhouse', pair, { them: serverKey }),
  })
}

const variable = (name: string) => `\${${name}}`
const isConnected = ({ event }: { event: string }) => event === 'connected'
const isDisconnected = ({ event }: { event: string }) => event === 'disconnected'
const isRefused = ({ event }: { event: string }) => event === 'refused'

/** Takes the camera's trust away by `revoke`, and sees that its link ends at once, for good, and the robot's is back at once. */
async function assertRevoked(from: End<Sender>, other: End<Sender>, revoke: () => Promise<unknown>): Promise<void> {
  await Promise.all([from.events.first(isConnected), other.events.first(isConnected)])
  let revoked = Number.POSITIVE_INFINITY
  const [endedAfter, awayFor, reason] = await Promise.all([
    from.events.next(isDisconnected).then(() => performance.now() - revoked),
    other.events.next(isDisconnected).then(async () => {
      const cut = performance.now()
      await other.events.next(isConnected)
      return performance.now() - cut
    }),
    from.events.next(isRefused),
    revoke().then(() => {
      revoked = performance.now()
    }),
  ])
  assert.ok(endedAfter < AT_ONCE_MS, `the link ended after ${endedAfter} ms`)
  assert.ok(awayFor < AT_ONCE_MS, `the other one was away for ${awayFor} ms`)
  assert.equal(reason.event === 'refused' && reason.code, 'NETGEAR_REFUSED')
  assert.equal(from.events.all.filter(isConnected).length, 1)
  assert.equal(from.end.stats().peers, 0)
}

async function closeAll(...ends: End<Sender>[]): Promise<void> {
  await Promise.all(ends.map(({ end }) => end.close()))
}

describe('a key that is taken off the list ends its link within a second', () => {
  for (const type of ['nodes', 'flows', 'full'] as Deployment[]) {
    for (const pattern of ['pubsub', 'reqrep'] as const) {
      test(`deployment "${type}", ${pattern}; the others are back at once`, async () => {
        const gate = netgearIn('gate', 'keys', port, { pattern })
        await nodeRed.deploy([TAB, storedKeys('keys', own, everybody), gate])
        const from = connect(camera, own.publicKey, pattern)
        const other = connect(robot, own.publicKey, pattern)
        try {
          const { credentials: _, ...keys } = storedKeys('keys', own, { robot: robot.publicKey })
          await assertRevoked(from, other, () => nodeRed.deploy([TAB, keys, gate], type))
        } finally {
          await closeAll(from, other)
        }
      })
    }
  }

  test('also at a netgear-out that listens, and while another tab is deployed with the rest', async () => {
    const gate = netgearOut('gate', 'keys', port, { mode: 'bind' })
    await nodeRed.deploy([TAB, storedKeys('keys', own, everybody), gate])
    const open = (pair: KeyPair) =>
      openReceiver({
        pattern: 'pubsub',
        mode: 'connect',
        protocol: 'tcp',
        address: '127.0.0.1',
        ports: [port],
        security: secured('ironhouse', pair, { them: own.publicKey }),
      })
    const from = open(camera)
    try {
      await from.events.first(isConnected)
      const ended = from.events.next(isDisconnected)
      const { credentials: _, ...keys } = storedKeys('keys', own, {})
      await nodeRed.deploy([TAB, { ...TAB, id: 'tab2' }, keys, gate], 'flows')
      const begin = performance.now()
      await ended
      assert.ok(performance.now() - begin < AT_ONCE_MS)
      await from.events.first(isRefused)
      assert.equal(from.end.stats().peers, 0)
    } finally {
      await from.end.close()
    }
  })

  /** Node-RED does not start these anew with their keys node, whose id does not stand in them. */
  const INDIRECT: [who: string, flow: () => object[]][] = [
    [
      'an environment variable',
      () => [
        { ...TAB, env: [{ name: 'KEYS', value: 'keys', type: 'str' }] },
        netgearIn('gate', variable('KEYS'), port),
      ],
    ],
    [
      'a subflow',
      () => [
        TAB,
        { id: 'camera', type: 'subflow', name: 'camera', in: [], out: [], env: [{ name: 'K', type: 'netgear-keys' }] },
        netgearIn('gate', variable('K'), port, { z: 'camera', x: 10, y: 10 }),
        { ...INSTANCE, env: [{ name: 'K', value: 'keys', type: 'conf-type' }] },
      ],
    ],
  ]
  for (const [who, flow] of INDIRECT) {
    test(`also where ${who} names the keys node`, async () => {
      await nodeRed.deploy([...flow(), storedKeys('keys', own, everybody)])
      const from = connect(camera, own.publicKey)
      const other = connect(robot, own.publicKey)
      try {
        const { credentials: _, ...keys } = storedKeys('keys', own, { robot: robot.publicKey })
        await assertRevoked(from, other, () => nodeRed.deploy([...flow(), keys], 'nodes'))
      } finally {
        await closeAll(from, other)
      }
    })
  }

  test('a connecting node does not go on to a peer that is trusted no more', async () => {
    const receiver = openReceiver({
      pattern: 'pubsub',
      mode: 'bind',
      protocol: 'tcp',
      address: '127.0.0.1',
      ports: [port],
      security: secured('stonehouse', camera, {}),
    })
    try {
      const out = netgearOut('feed', 'keys', port, { peer: 'camera' })
      await nodeRed.deploy([TAB, storedKeys('keys', own, everybody), out])
      await receiver.events.first(isConnected)
      const ended = receiver.events.next(isDisconnected)
      const before = nodeRed.statuses.all.length
      const { credentials: _, ...keys } = storedKeys('keys', own, { robot: robot.publicKey })
      await nodeRed.deploy([TAB, keys, out], 'nodes')
      await ended
      await nodeRed.status('feed', 'red', /./, before)
      assert.equal(receiver.end.stats().peers, 0)
      assert.equal(receiver.events.all.filter(isConnected).length, 1)
    } finally {
      await receiver.end.close()
    }
  })
})

describe('a key directory that is rewritten ends the links of lost keys within a second', () => {
  let keys: string
  let serverKey: string

  beforeEach(async () => {
    const directory = join(nodeRed.userDir, `files-${port}`)
    keys = join(directory, '.vidgear', 'keys')
    ensureKeyDirectory(keys)
    serverKey = readKeyDirectory(keys, 'receiver').keyring.own.publicKey
    admit('camera', camera)
    admit('robot', robot)
    await nodeRed.deploy([TAB, directoryKeys('keys', directory), netgearIn('gate', 'keys', port)])
  })

  function admit(name: string, pair: KeyPair): void {
    writeFileSync(join(keys, 'public_keys', `${name}.key`), formatPublicCertificate(pair.publicKey, new Date()))
  }

  const ways: [string, () => void][] = [
    ['its file removed', () => rmSync(join(keys, 'public_keys', 'camera.key'))],
    ['its file renamed away', () => renameSync(join(keys, 'public_keys', 'camera.key'), join(keys, 'camera.key.old'))],
    ['another key written into its file', () => admit('camera', generateKeyPair())],
    [
      'the whole folder replaced',
      () => {
        renameSync(join(keys, 'public_keys'), join(keys, 'old'))
        mkdirSync(join(keys, 'public_keys'))
        admit('robot', robot)
        admit('server', { publicKey: serverKey, secretKey: '' })
      },
    ],
  ]
  for (const [what, revoke] of ways) {
    test(what, async () => {
      const from = connect(camera, serverKey)
      const other = connect(robot, serverKey)
      try {
        await assertRevoked(from, other, async () => revoke())
      } finally {
        await closeAll(from, other)
      }
    })
  }

  test('also when another node reads the new keys before anybody has noticed the change', async () => {
    const from = connect(camera, serverKey)
    const other = connect(robot, serverKey)
    try {
      await assertRevoked(from, other, async () => {
        rmSync(join(keys, 'public_keys', 'camera.key'))
        const nodes = [directoryKeys('keys', join(nodeRed.userDir, `files-${port}`)), netgearIn('gate', 'keys', port)]
        await nodeRed.deploy([TAB, ...nodes, netgearIn('late', 'keys', await freePort())], 'nodes')
      })
    } finally {
      await closeAll(from, other)
    }
  })

  test('keys that become unreadable: nobody stays, nobody gets in, until they are readable again', async () => {
    const from = connect(camera, serverKey)
    try {
      await from.events.first(isConnected)
      const ended = from.events.next(isDisconnected)
      const before = nodeRed.statuses.all.length
      writeFileSync(join(keys, 'public_keys', 'robot.key'), Buffer.from([0, 1, 2, 3]))
      const begin = performance.now()
      await ended
      assert.ok(performance.now() - begin < AT_ONCE_MS + 100)
      await nodeRed.status('gate', 'red', /./, before)
      assert.equal(from.end.stats().peers, 0)
      const back = from.events.next(isConnected)
      admit('robot', robot)
      await back
    } finally {
      await from.end.close()
    }
  })
})

test('a link whose keys node comes later, or comes back, opens with it', async () => {
  const gate = netgearIn('gate', 'keys', port)
  const keys = storedKeys('keys', own, everybody)
  await nodeRed.deploy([TAB, gate])
  await nodeRed.status('gate', 'red', /./)
  await nodeRed.deploy([TAB, gate, keys], 'nodes')
  const from = connect(camera, own.publicKey)
  try {
    await from.events.first(isConnected)
    const ended = from.events.next(isDisconnected)
    await nodeRed.deploy([TAB, gate], 'nodes')
    await ended
    await nodeRed.deploy([TAB, gate, keys], 'nodes')
    await from.events.next(isConnected)
  } finally {
    await closeAll(from)
  }
})
