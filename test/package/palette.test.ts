import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { freePort } from '../free-port'
import { installFromPalette, PACKAGE, pack, ROOT, VERSIONS } from './installation'
import { RunningNodeRed } from './running-node-red'

const NODES = ['netgear-keys', 'netgear-in', 'netgear-out']
const WAYS = { 'with install scripts': [], 'without install scripts': ['--ignore-scripts'] }

describe('installed from the palette', { concurrency: true }, () => {
  let folder: string
  let tarball: string

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netgear-tarball-'))
    tarball = await pack(folder)
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const [version, installation] of Object.entries(VERSIONS)) {
    describe(version, () => {
      for (const [way, options] of Object.entries(WAYS)) {
        describe(way, () => {
          let nodeRed: RunningNodeRed
          let remove: () => void

          before(async () => {
            const chosen = await installation()
            const installed = await installFromPalette(chosen, tarball, options)
            remove = installed.remove
            nodeRed = await RunningNodeRed.start(chosen, installed.userDir)
          })

          after(async () => {
            await nodeRed?.stop()
            remove?.()
          })

          const getJson = async (path: string) => (await nodeRed.get(path)).json()

          test('all three nodes are loaded', async () => {
            const sets = (await getJson('nodes')) as {
              module: string
              types: string[]
              enabled: boolean
              err?: string
            }[]
            const ours = sets.filter(({ module }) => module === PACKAGE)
            assert.deepEqual(
              ours.map(({ types, enabled, err }) => ({ types, enabled, err })),
              NODES.map((type) => ({ types: [type], enabled: true, err: undefined })),
            )
          })

          test('their icons are there', async () => {
            const icons = (await getJson('icons')) as Record<string, string[]>
            assert.deepEqual([...(icons[PACKAGE] ?? [])].sort(), NODES.map((node) => `${node}.svg`).sort())
            for (const node of NODES) {
              const icon = await (await nodeRed.get(`icons/${PACKAGE}/${node}.svg`)).text()
              assert.equal(icon, readFileSync(join(ROOT, 'icons', `${node}.svg`), 'utf8'))
            }
          })

          test('their texts are there', async () => {
            for (const node of NODES) {
              const catalogue = (await getJson(`locales/${PACKAGE}/${node}?lng=en-US`)) as Record<string, object>
              assert.ok(catalogue[node], `no texts of ${node}`)
            }
            const form = await (await nodeRed.get(`nodes/${PACKAGE}/netgear-in`)).text()
            assert.ok(form.includes('"netgear-in"'))
          })

          test('the examples are there', async () => {
            const listed = (await getJson(`library/examples/flows/${PACKAGE}`)) as { fn: string }[]
            const files = readdirSync(join(ROOT, 'examples'))
            assert.deepEqual(listed.map(({ fn }) => `${fn}.json`).sort(), files.sort())
            for (const { fn } of listed) {
              const flow = await getJson(`library/examples/flows/${PACKAGE}/${encodeURIComponent(fn)}`)
              assert.deepEqual(flow, JSON.parse(readFileSync(join(ROOT, 'examples', `${fn}.json`), 'utf8')))
            }
          })

          test('a picture crosses an IronHouse link, untouched', async () => {
            const red = { width: 16, height: 16, channels: 3, background: 'red' } as const
            const jpeg = await sharp({ create: red }).jpeg().toBuffer()
            await nodeRed.deploy(loop(jpeg, await freePort()))
            assert.ok((await nextFrame(nodeRed)).equals(jpeg))
          })
        })
      }
    })
  }
})

/** A flow that sends a picture again and again, and answers `GET /frame` with the next one that arrives. */
function loop(jpeg: Buffer, port: number): object[] {
  const { publicKey, secretKey } = generateKeyPair()
  const keys = {
    id: 'keys',
    type: 'netgear-keys',
    source: 'stored',
    publicKey,
    trusted: [],
    credentials: { secretKey },
  }
  const link = { z: 'tab', security: 'ironhouse', keys: 'keys', address: '127.0.0.1', port: String(port) }
  const props = [{ p: 'payload', v: jpeg.toString('base64'), vt: 'str' }]
  const answer = `if (msg.res) context.set('asked', msg)
    else if (context.get('asked')) { node.send({ ...context.get('asked'), payload: msg.payload }); context.set('asked') }`
  return [
    { id: 'tab', type: 'tab', label: 'Loop' },
    keys,
    { id: 'send', type: 'inject', z: 'tab', props, once: true, repeat: '0.1', wires: [['out']] },
    { id: 'out', type: 'netgear-out', ...link, wires: [] },
    { id: 'in', type: 'netgear-in', ...link, wires: [['answer']] },
    { id: 'ask', type: 'http in', z: 'tab', url: '/frame', method: 'get', wires: [['answer']] },
    { id: 'answer', type: 'function', z: 'tab', func: answer, outputs: 1, wires: [['reply']] },
    { id: 'reply', type: 'http response', z: 'tab', wires: [] },
  ]
}

/** Right after a deploy, Node-RED answers 404 until the flow has started. */
async function nextFrame(nodeRed: RunningNodeRed): Promise<Buffer> {
  for (;;) {
    const response = await nodeRed.get('frame')
    if (response.ok) return Buffer.from(await response.arrayBuffer())
    await delay(20)
  }
}
