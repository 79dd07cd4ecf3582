import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { unzipSync } from 'fflate'
import sharp from 'sharp'
import { parseCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory, readKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { freePort } from '../free-port'
import { openSender, secured } from '../links'
import { directoryKeys, netgearIn, netgearOut, storedKeys, TAB, tellAll } from './flows'
import { GuardedNodeRed } from './guarded-node-red'
import { filesBelow, findTraces, modeOf, processListing } from './traces'

const own = generateKeyPair()
const wrong = generateKeyPair()
const stranger = generateKeyPair()
// what a user pastes into a public field stands in the flow; it must not be repeated anywhere else
const pasted = generateKeyPair()
const sshPassword = 'the ssh password 4711'
const typo = `${generateKeyPair().secretKey.slice(0, 39)}~`
let nodeRed: GuardedNodeRed
let secrets: string[]
let flows: object[]
let deployed: string

/** A flow in which all goes well with some nodes and all goes wrong with the others, each telling what it can. */
async function telltaleFlows(directory: string, takenPort: number, ports: number[]): Promise<object[]> {
  const [loop = 0, files = 0, broken = 0, unlisted = 0, unknown = 0] = ports
  const jpeg = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()
  const all = { events: true, wires: [['tell'], ['tell']] }
  const once = { repeat: '0.3', once: true, onceDelay: 0.1, topic: '', crontab: '' }
  const picture = { props: [{ p: 'payload' }], payload: JSON.stringify([...jpeg]), payloadType: 'bin' }
  return [
    TAB,
    storedKeys('own-keys', own, { friend: wrong.publicKey }),
    directoryKeys('file-keys', directory),
    storedKeys('bad-list', own, {}, { trusted: [{ name: 'shed', publicKey: pasted.secretKey.slice(1) }] }),
    storedKeys('no-list', own, {}, { trusted: null }),
    storedKeys('bad-secret', own, {}, { credentials: { secretKey: typo } }),
    storedKeys('mismatch', own, {}, { publicKey: wrong.publicKey }),
    netgearIn('good', 'own-keys', loop, all),
    netgearOut('feed', 'own-keys', loop, { ...all, peer: own.publicKey, wires: [['tell']] }),
    netgearIn('from-files', 'file-keys', files, all),
    netgearIn('mismatched', 'mismatch', unlisted, all),
    netgearIn('port-taken', 'own-keys', takenPort, all),
    netgearIn('list-damaged', 'bad-list', broken, all),
    netgearIn('list-missing', 'no-list', broken, all),
    netgearIn('secret-damaged', 'bad-secret', broken, all),
    netgearOut('tunnelled', 'own-keys', unknown, {
      peer: 'friend',
      sshHost: `somebody@127.0.0.1:${takenPort}`,
      credentials: { sshPassword },
    }),
    netgearOut('wrong-server', 'own-keys', loop, { ...all, peer: 'friend', wires: [['tell']] }),
    netgearOut('unknown-peer', 'own-keys', unknown, { ...all, peer: pasted.secretKey, wires: [['tell']] }),
    { id: 'camera', type: 'inject', z: TAB.id, ...once, ...picture, wires: [['feed', 'wrong-server', 'unknown-peer']] },
    { id: 'caught', type: 'catch', z: TAB.id, scope: null, uncaught: false, wires: [['tell']] },
    { id: 'watched', type: 'status', z: TAB.id, scope: null, wires: [['tell']] },
    tellAll('tell'),
  ]
}

const taken = createServer((line) => {
  // Whoever reads this hangs up as he likes.
  line.on('error', () => undefined).end('SSH-2.0-nobody\r\n')
})

before(async () => {
  nodeRed = await GuardedNodeRed.start()
  const directory = join(nodeRed.userDir, 'files', '.vidgear', 'keys')
  ensureKeyDirectory(directory)
  const fileSecrets = (['sender', 'receiver'] as const).map(
    (role) => readKeyDirectory(directory, role).keyring.own.secretKey,
  )
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  assert.ok(typeof address === 'object' && address !== null)
  const ports = await Promise.all([1, 2, 3, 4, 5].map(freePort))
  flows = await telltaleFlows(directory, address.port, ports)
  deployed = await nodeRed.deploy(flows)
  secrets = [own.secretKey, ...fileSecrets]

  const outsider = openSender({
    pattern: 'pubsub',
    mode: 'connect',
    protocol: 'tcp',
    address: '127.0.0.1',
    ports: [ports[0] ?? 0, ports[1] ?? 0],
    security: secured('ironhouse', stranger, { them: own.publicKey }),
  })
  try {
    await nodeRed.status('good', 'green')
    await nodeRed.status('feed', 'green')
    for (const broken of [
      'list-damaged',
      'list-missing',
      'secret-damaged',
      'unknown-peer',
      'port-taken',
      'tunnelled',
    ]) {
      await nodeRed.status(broken, 'red')
    }
    await nodeRed.logged(/was refused, because that key is not trusted/)
    await nodeRed.logged(/knocked with the wrong key|broke off the handshake/)
    await nodeRed.logged(/event: 'stats'|event.*stats/)
  } finally {
    await outsider.end.close()
  }
})
after(async () => {
  await nodeRed.stop()
  taken.close()
})

function assertSilent(where: string, text: Buffer | string): void {
  assert.deepEqual(findTraces(text, secrets), [], where)
  assert.equal(Buffer.from(text).includes(typo.slice(0, 39)), false, `${where}: the mistyped secret key`)
  assert.equal(Buffer.from(text).includes(sshPassword), false, `${where}: the SSH password`)
}

describe('the secret key, after all that can go right and wrong', () => {
  test('is found by this search where it must be: in the answer that delivers a new pair', async () => {
    const answer = await nodeRed.post('netgear-keys/key-pair', 'owner', {})
    const { secretKey } = (await answer.json()) as { secretKey: string }
    const delivered = Buffer.concat([Buffer.from(secretKey), Buffer.from(JSON.stringify({ secretKey }))])
    assert.deepEqual(findTraces(delivered, [secretKey]), ['Z85, first half', 'Z85, second half'])
    secrets.push(secretKey)
  })

  test('is in no line of the log, of all levels, nor in what a debug node shows of messages, events, errors and statuses', () => {
    assert.match(nodeRed.log, /NETGEAR_KEY_NOT_TRUSTED/)
    assert.match(nodeRed.log, /NETGEAR_PORT_IN_USE/)
    assert.match(nodeRed.log, /NETGEAR_PEER_UNKNOWN/)
    assert.match(nodeRed.log, /"?source"?: ?\{|source: \{/)
    assertSilent('log', nodeRed.log)
    assert.deepEqual(findTraces(nodeRed.log, [pasted.secretKey]), [])
  })

  test('is in nothing that an editor is told over its WebSocket', () => {
    const told = nodeRed.editorMessages.join('\n')
    assert.match(told, /status\/good/)
    assert.match(told, /"topic":"debug"/)
    assertSilent('WebSocket', told)
    assert.deepEqual(findTraces(told, [pasted.secretKey]), [])
  })

  test('is in no answer to a GET, for whatever user', async () => {
    const ids = flows.map((node) => node as { id: string; type: string })
    const sets = (await (
      await nodeRed.fetch('nodes', 'owner', { headers: { accept: 'application/json' } })
    ).json()) as {
      id: string
    }[]
    const paths = [
      '',
      'flows',
      'flow/tab',
      'flow/global',
      'flows/state',
      'settings',
      'settings/user',
      'theme',
      'diagnostics',
      'nodes',
      'nodes/messages',
      'plugins',
      'plugins/messages',
      'icons',
      'context/global',
      'context/flow/tab',
      'library/local/flows/',
      'library/_examples_/flows/',
      'locales/nodes',
      'locales/netgear-keys',
      'auth/login',
      'netgear-keys/',
      'netgear/links',
      'netgear/addresses',
      'netgear/program?node=feed',
      'netgear-keys/key-pair',
      'files/',
      'flows_cred.json',
      'debug/view/view.html',
      ...ids.map(({ id, type }) => `credentials/${type}/${id}`),
      ...ids.map(({ id }) => `context/node/${id}`),
      ...ids.map(({ id }) => `netgear/preview/${id}`),
      ...sets.filter(({ id }) => id.includes('netgear')).flatMap(({ id }) => [`nodes/${id}`, `nodes/${id}/messages`]),
    ]
    for (const user of ['owner', 'viewer', 'nobody'] as const) {
      for (const path of paths) {
        for (const accept of ['application/json', 'text/html']) {
          const headers = { accept, 'node-red-api-version': 'v2' }
          const answer = await nodeRed.fetch(path, user, { headers })
          const text = Buffer.from(await answer.arrayBuffer())
          assertSilent(
            `GET /${path} as ${user}`,
            Buffer.concat([text, Buffer.from(JSON.stringify([...answer.headers]))]),
          )
        }
      }
    }
    const credentials = await nodeRed.fetch('credentials/netgear-keys/own-keys', 'owner')
    assert.deepEqual(await credentials.json(), { has_secretKey: true })
  })

  test('is in no flow export, nor in the answer to a deployment', async () => {
    const exported = await (await nodeRed.fetch('flows', 'owner')).text()
    assert.match(exported, /"own-keys"/)
    assertSilent('export', exported)
    assertSilent('answer to the deployment', deployed)
    assertSilent('flows.json', readFileSync(join(nodeRed.userDir, 'flows.json')))
  })

  test('is in no answer of our own endpoints, errors included', async () => {
    const directory = join(nodeRed.userDir, 'files')
    const kit = { peerName: 'Porch', ourPublicKey: own.publicKey, pattern: 'pair', address: 'here', port: 5555 }
    const requests: [string, unknown][] = [
      ['public-key', { secretKey: own.secretKey }],
      ['public-key', { secretKey: own.secretKey.slice(1) }],
      ['public-key', { secretKey: `${own.secretKey} ${own.secretKey}` }],
      ['fingerprint', { publicKey: own.secretKey }],
      ['fingerprint', { publicKey: own.secretKey.slice(0, 39) }],
      ['directory', { directory }],
      ['directory/create', { directory }],
      ['directory/regenerate', { directory }],
      ['peer-kit', { ...kit, ourRole: 'sender', security: 'ironhouse', peerName: '\u0000' }],
      ['peer-kit', { ...kit, ourRole: 'sender', security: 'ironhouse', ourPublicKey: own.secretKey.slice(2) }],
      ['key-pair', 'no JSON object'],
    ]
    for (const [path, body] of requests) {
      const answer = await nodeRed.post(`netgear-keys/${path}`, 'owner', body)
      assertSilent(path, await answer.text())
    }
    assertSilent('log', nodeRed.log)
  })

  test("is not in a peer's kit, which has that peer's own", async () => {
    for (const ourRole of ['sender', 'receiver']) {
      const order = {
        peerName: 'Porch',
        ourPublicKey: own.publicKey,
        ourRole,
        pattern: 'pair',
        address: 'here',
        port: 5555,
      }
      const answer = await nodeRed.post('netgear-keys/peer-kit', 'owner', { ...order, security: 'ironhouse' })
      const zip = Buffer.from(await answer.arrayBuffer())
      const files = Object.entries(unzipSync(zip))
      for (const [path, bytes] of files) assertSilent(path, Buffer.from(bytes))
      const theirs = files
        .filter(([path, bytes]) => path.endsWith('.key_secret') && bytes.length > 0)
        .map(([, bytes]) => parseCertificate(Buffer.from(bytes).toString()).secretKey ?? assert.fail())
      assert.equal(theirs.length, 1)
      assert.deepEqual(findTraces(nodeRed.log, theirs), [])
      assert.deepEqual(findTraces(nodeRed.editorMessages.join('\n'), theirs), [])
    }
  })

  test('is not in the process listing: no command line, no environment', () => {
    const listing = processListing(nodeRed.pid)
    assert.ok(listing.includes('node-red'))
    assert.ok(listing.includes('PATH='))
    assertSilent('process listing', listing)
  })

  test('is in clear in no file but the secret key files, which have mode 0600', () => {
    const holders = filesBelow(nodeRed.userDir).filter((path) => {
      const bytes = readFileSync(path)
      return findTraces(bytes, secrets).length > 0 || bytes.includes(sshPassword)
    })
    const keys = join(nodeRed.userDir, 'files', '.vidgear', 'keys', 'private_keys')
    assert.deepEqual(holders.sort(), [join(keys, 'client.key_secret'), join(keys, 'server.key_secret')])
    for (const holder of holders) assert.equal(modeOf(holder), 0o600)
    const encrypted = JSON.parse(readFileSync(join(nodeRed.userDir, 'flows_cred.json'), 'utf8'))
    assert.deepEqual(Object.keys(encrypted), ['$'])
  })
})
