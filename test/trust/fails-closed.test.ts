import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { formatPublicCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory, readKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair, type KeyPair, publicKeyOf } from '../../lib/keys/key-pair'
import { freePort } from '../free-port'
import { openSender, secured } from '../links'
import { directoryKeys, netgearIn, storedKeys, TAB } from './flows'
import { GuardedNodeRed } from './guarded-node-red'

const own = generateKeyPair()
const stranger = generateKeyPair()
const friend = generateKeyPair()
let nodeRed: GuardedNodeRed

before(async () => {
  nodeRed = await GuardedNodeRed.start({ NETGEAR_TEST_EMPTY: '' })
})
after(() => nodeRed.stop())

/** Whether the link at `port` lets a sender with that pair in; false when it is refused. */
async function getsIn(port: number, pair: KeyPair, serverKey = own.publicKey): Promise<boolean> {
  const { end, events } = openSender({
    pattern: 'pubsub',
    mode: 'connect',
    protocol: 'tcp',
    address: '127.0.0.1',
    ports: [port],
    security: secured('ironhouse', pair, { them: serverKey }),
  })
  try {
    const told = await events.first(({ event }) => event === 'connected' || event === 'refused')
    return told.event === 'connected'
  } finally {
    await end.close()
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1')
    probe.once('error', () => resolve(false))
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
  })
}

/** Deploys a listening IronHouse link with such keys, and sees that nothing listens, the status is red and an error is told. */
async function assertClosed(keys: object, error: RegExp): Promise<void> {
  const port = await freePort()
  const before = nodeRed.statuses.all.length
  const told = nodeRed.loggedFromNowOn(/\[error\] \[netgear-in:gate\]/)
  await nodeRed.deploy([TAB, keys, netgearIn('gate', 'keys', port)])
  await nodeRed.status('gate', 'red', /./, before)
  assert.match(await told, error)
  assert.equal(await isListening(port), false)
  assert.ok(nodeRed.running)
}

test('an empty list of trusted peers lets in our own key and nobody else', async () => {
  const port = await freePort()
  await nodeRed.deploy([TAB, storedKeys('keys', own, {}), netgearIn('gate', 'keys', port)])
  assert.equal(await getsIn(port, own), true)
  assert.equal(await getsIn(port, stranger), false)
  assert.equal(await isListening(port), true)
})

describe('with keys that cannot be used nobody gets in, the status is red and the reason an error', () => {
  const broken: [string, object, RegExp][] = [
    ['no secret key', { credentials: { secretKey: '' } }, /There is no secret key/],
    ['half a secret key', { credentials: { secretKey: own.secretKey.slice(0, 20) } }, /secret key is not a key/],
    ['no list', { trusted: null }, /list of trusted peers is missing/],
    ['a list that is text', { trusted: friend.publicKey }, /list of trusted peers is missing or damaged/],
    ['an entry that is null', { trusted: [null] }, /list of trusted peers is missing or damaged/],
    [
      'one bad entry among good ones',
      {
        trusted: [
          { name: 'a', ...friend },
          { name: 'b', publicKey: 'x' },
        ],
      },
      /“b”/,
    ],
    ['a variable that is not set as a key', { trusted: [{ name: 'a', publicKey: `\${NOT_SET_ANYWHERE}` }] }, /“a”/],
    ['a variable that is empty as a key', { trusted: [{ name: 'a', publicKey: `\${NETGEAR_TEST_EMPTY}` }] }, /“a”/],
    ['a variable that is not set as the secret', { credentials: { secretKey: `\${NOT_SET_ANYWHERE}` } }, /secret key/],
    ['an unknown source', { source: 'vault' }, /must be stored or directory/],
  ]
  for (const [what, change, error] of broken) {
    test(what, () => assertClosed({ ...storedKeys('keys', own, {}), ...change }, error))
  }

  test('a keys node that is missing, disabled or of another type', async () => {
    const aTab = { id: 'keys', type: 'tab', label: 'no keys', disabled: false, info: '' }
    await assertClosed({ ...storedKeys('keys', own, {}), d: true }, /IronHouse needs keys/)
    await assertClosed(aTab, /IronHouse needs keys/)
  })

  test('a security level that does not exist', async () => {
    const port = await freePort()
    const before = nodeRed.statuses.all.length
    const gate = netgearIn('gate', 'keys', port, { security: 'fortress' })
    await nodeRed.deploy([TAB, storedKeys('keys', own, {}), gate])
    await nodeRed.status('gate', 'red', /./, before)
    assert.equal(await isListening(port), false)
  })
})

describe('keys that look like a variable', () => {
  test('a secret key with a variable in the middle is taken as it is', async () => {
    const secretKey = `abc\${HOME}${own.secretKey.slice(10)}`
    const odd = { secretKey, publicKey: publicKeyOf(secretKey) }
    const port = await freePort()
    await nodeRed.deploy([TAB, storedKeys('keys', odd, { friend: friend.publicKey }), netgearIn('gate', 'keys', port)])
    assert.equal(await getsIn(port, friend, odd.publicKey), true)
    assert.equal(await getsIn(port, stranger, odd.publicKey), false)
  })

  test('so is a trusted key with the beginning of one', async () => {
    let odd = generateKeyPair()
    for (let tries = 0; !odd.publicKey.includes(`\${`) && tries < 20_000; tries++) odd = generateKeyPair()
    assert.ok(odd.publicKey.includes(`\${`))
    const port = await freePort()
    await nodeRed.deploy([TAB, storedKeys('keys', own, { odd: odd.publicKey }), netgearIn('gate', 'keys', port)])
    assert.equal(await getsIn(port, odd), true)
    assert.equal(await getsIn(port, stranger), false)
  })
})

describe('what is no key file in the place of one', () => {
  const places = ['private_keys/server.key_secret', 'public_keys/server.key', 'public_keys/camera.key']
  const intruders: [string, (path: string) => void, RegExp][] = [
    ['a folder', (path) => mkdirSync(path), /is a folder/],
    ['a FIFO', (path) => execFileSync('mkfifo', [path]), /is a device, pipe or socket/],
    ['a link to a device without end', (path) => symlinkSync('/dev/zero', path), /is a device, pipe or socket/],
    ['a link to itself', (path) => symlinkSync(path, path), /cannot be read|is missing/],
    ['a huge file', hugeFile, /larger than 64 KiB/],
    ['a binary file', (path) => writeFileSync(path, Buffer.alloc(2000, 0xff), { mode: 0o600 }), /is not a text file/],
    ['a text without a key', (path) => writeFileSync(path, `\${HOME}\n`, { mode: 0o600 }), /neither a public-key nor/],
  ]
  for (const [what, put, error] of intruders) {
    for (const place of places) {
      test(`${what} as ${place}`, async () => {
        const directory = keyDirectory()
        const path = join(directory, place)
        rmSync(path, { force: true })
        put(path)
        await assertClosed(directoryKeys('keys', directory), error)
      })
    }
  }

  test('a secret key file that others may write', async () => {
    const directory = keyDirectory()
    chmodSync(join(directory, 'private_keys/server.key_secret'), 0o666)
    await assertClosed(directoryKeys('keys', directory), /Other users may write/)
  })

  test('a directory that is missing, empty, or a file', async () => {
    const directory = keyDirectory()
    rmSync(directory, { recursive: true })
    await assertClosed(directoryKeys('keys', directory), /does not exist/)
    mkdirSync(directory)
    await assertClosed(directoryKeys('keys', directory), /is missing/)
    rmSync(directory, { recursive: true })
    writeFileSync(directory, '')
    await assertClosed(directoryKeys('keys', directory), /is missing|does not exist|cannot be listed/)
  })

  test('a link to a sound key file is followed', async () => {
    const directory = keyDirectory()
    const elsewhere = join(nodeRed.userDir, 'camera-elsewhere.key')
    writeFileSync(elsewhere, formatPublicCertificate(friend.publicKey, new Date()))
    symlinkSync(elsewhere, join(directory, 'public_keys', 'camera.key'))
    const port = await freePort()
    await nodeRed.deploy([TAB, directoryKeys('keys', directory), netgearIn('gate', 'keys', port)])
    const { publicKey } = readKeyDirectory(directory, 'receiver').keyring.own
    assert.equal(await getsIn(port, friend, publicKey), true)
    assert.equal(await getsIn(port, stranger, publicKey), false)
  })
})

let directories = 0

/** A sound key directory, which nobody uses yet. */
function keyDirectory(): string {
  directories += 1
  const directory = join(nodeRed.userDir, `files-${directories}`, '.vidgear', 'keys')
  ensureKeyDirectory(directory)
  return directory
}

function hugeFile(path: string): void {
  writeFileSync(path, '', { mode: 0o600 })
  truncateSync(path, 8 * 2 ** 30)
}
