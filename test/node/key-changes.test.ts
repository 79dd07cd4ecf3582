import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, test } from 'node:test'
import { formatPublicCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory, readKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { figuresOf } from '../../nodes/preview/figures'
import { liveLink } from '../../nodes/preview/live-link'
import { freePort } from '../free-port'
import { openSender, secured } from '../links'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'
import { jpeg } from './preview-flow'

const folder = mkdtempSync(join(tmpdir(), 'netgear-keys-'))
const cameras = { yard: generateKeyPair(), gate: generateKeyPair() }

afterEach(() => helper.unload())
after(() => rmSync(folder, { recursive: true }))

/** A key directory that trusts the cameras, and the keys node that reads it. */
function keyDirectory() {
  const directory = join(mkdtempSync(join(folder, 'peers-')), '.vidgear', 'keys')
  ensureKeyDirectory(directory)
  const fileOf = (name: string) => join(directory, 'public_keys', `${name}.key`)
  const trust = (name: string, publicKey: string) =>
    writeFileSync(fileOf(name), formatPublicCertificate(publicKey, new Date()))
  for (const [name, { publicKey }] of Object.entries(cameras)) trust(name, publicKey)
  return {
    own: readKeyDirectory(directory, 'receiver').keyring.own,
    node: { id: 'files', type: 'netgear-keys', name: 'Key files', source: 'directory', trusted: [], directory },
    trust,
    forget: (name: string) => rmSync(fileOf(name)),
  }
}

describe('when the keys of a running node change', () => {
  test('each peer is told to have left, and only those who are still trusted to be back', async () => {
    const { own, node, forget } = keyDirectory()
    const port = await freePort()
    const runtime = await FlowRuntime.start([
      node,
      netgearIn({ keys: 'files', port: String(port), name: 'house', events: true, wires: [['got'], ['events']] }),
    ])
    const link = { pattern: 'pubsub', mode: 'connect', protocol: 'tcp', address: '127.0.0.1', ports: [port] } as const
    const [yard, gate] = [cameras.yard, cameras.gate].map((camera) =>
      openSender({ ...link, security: secured('ironhouse', camera, { house: own.publicKey }) }),
    )
    const told = () =>
      runtime.events.all.flatMap(({ payload }) => {
        const { event, name = '' } = payload as { event: string; name?: string }
        return event === 'connected' || event === 'disconnected' ? `${event} ${name}`.trim() : []
      })
    try {
      while (told().length < 2) await runtime.events.next()
      assert.deepEqual(told().sort(), ['connected gate', 'connected yard'])
      forget('yard')
      while (told().length < 5) await runtime.events.next()
      assert.deepEqual(told().slice(2), ['disconnected', 'disconnected', 'connected gate'])
      const { peers } = figuresOf(liveLink('in') ?? assert.fail())
      assert.deepEqual(
        peers.map(({ name }) => name),
        ['gate'],
      )
    } finally {
      await Promise.all([yard, gate].map((camera) => camera?.end.close()))
    }
  })

  test('a flow that goes on sending meanwhile is told of no error', async () => {
    const { node, trust } = keyDirectory()
    const port = String(await freePort())
    const runtime = await FlowRuntime.start([
      node,
      netgearOut({ keys: 'files', port, name: 'feed', mode: 'bind', events: true, wires: [['events']] }),
    ])
    const isListening = ({ payload }: { payload?: unknown }) => (payload as { event: string }).event === 'listening'
    await runtime.events.first(isListening)
    const payload = await jpeg(64, 48)
    const feed = setInterval(() => runtime.send({ payload }), 1)
    try {
      for (let change = 0; change < 3; change += 1) {
        const renewed = runtime.events.next(isListening)
        trust('new', generateKeyPair().publicKey)
        await renewed
      }
    } finally {
      clearInterval(feed)
    }
    assert.deepEqual(
      runtime.caught.all.map(({ error }) => error?.message),
      [],
    )
  })
})

test('what stops a link from the start reaches also a node that starts after it', async () => {
  const runtime = await FlowRuntime.start([
    netgearIn({ port: '70000', name: 'house', events: true, wires: [['got'], ['events']] }),
  ])
  const { payload } = await runtime.event('failed', 'house')
  assert.equal((payload as { code: string }).code, 'NETGEAR_PORT')
})
