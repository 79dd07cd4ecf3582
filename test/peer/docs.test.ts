import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, type TestContext, test } from 'node:test'
import { parseCertificate } from '../../lib/keys/certificate'
import { generateKeyPair, publicKeyOf } from '../../lib/keys/key-pair'
import { peerKit } from '../../lib/keys/peer-kit'
import { freePort } from '../free-port'
import { needs } from '../requirements'
import { Flow, type FlowNode, PATTERN_NAMES, type Pattern } from './flow'
import { formulaJpeg } from './pictures'

const PAGES = ['python.md', 'keys.md'].map((page) => readFileSync(resolve(__dirname, '..', '..', 'docs', page), 'utf8'))
const ADDRESS = '192.168.1.20:5555'

/** The programs of the pages that have a file name. */
const programs = new Map(
  [...PAGES.join('\n').matchAll(/^```python (\S+)\n(.*?)^```$/gms)].map(([, name = '', text = '']) => [name, text]),
)

/** A node of ours, and a page's program at its other end, in the folder of a kit, with what it prints. */
async function startBoth(t: TestContext, program: string, pattern: Pattern, node: FlowNode) {
  const port = await freePort()
  const own = generateKeyPair()
  const wanted = { pattern: PATTERN_NAMES[pattern], security: 'ironhouse', address: '127.0.0.1', port } as const
  const kit = peerKit({ ...wanted, peerName: 'porch', ourRole: 'receiver', ourPublicKey: own.publicKey })
  const trusted = [{ name: 'porch', publicKey: kit.peerPublicKey }]
  const flow = await Flow.start(t, [{ ...node, ...wanted, port: String(port), mode: 'bind' }], { own, trusted })

  const folder = mkdtempSync(join(tmpdir(), 'netgear-docs-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const { path, text, mode } of kit.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { mode })
  }
  const text = programs.get(program) ?? ''
  assert.ok(text.includes(ADDRESS), `${program} has no ${ADDRESS}`)
  writeFileSync(join(folder, program), text.replace(ADDRESS, `127.0.0.1:${port}`))
  const python = spawn('/usr/bin/python3', [program], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => python.kill())
  await flow.event(node.id, 'connected')
  return { flow, port, python, lines: createInterface({ input: python.stdout }) }
}

describe('the programs of the pages on Python and keys', needs('python3-zmq'), () => {
  test('are four', () =>
    assert.deepEqual([...programs.keys()], ['send.py', 'receive.py', 'count_bright.py', 'make_keys.py']))

  test('make_keys.py: makes a pair that is ours to read, and tells its public key', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'netgear-docs-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const text = programs.get('make_keys.py') ?? ''
    const told = execFileSync('/usr/bin/python3', ['-c', text], { cwd: folder, encoding: 'utf8' })
    const secretFile = join(folder, 'keys', 'porch.key_secret')
    const { secretKey = '' } = parseCertificate(readFileSync(secretFile, 'utf8'))
    assert.equal(told, `Public key for the trust list: ${publicKeyOf(secretKey)}\n`)
    assert.equal(statSync(secretFile).mode & 0o777, 0o600)
  })

  test('send.py: its frames arrive with what travels with them', async (t) => {
    const { flow } = await startBoth(t, 'send.py', 2, { type: 'netgear-in', id: 'in' })
    const { payload, data, topic, netgear } = await flow.from('in').next()
    assert.ok(Buffer.isBuffer(payload) && payload.readUInt16BE(0) === 0xffd8)
    assert.equal(typeof (data as { count: number }).count, 'number')
    assert.equal(topic, 'porch')
    const { encoding, width, height, from, peer } = netgear ?? {}
    assert.deepEqual(
      { encoding, width, height, from, peer },
      { encoding: 'jpeg', width: 320, height: 240, from: 'porch', peer: 'porch' },
    )
  })

  test('receive.py: shows what netgear-out sends, and ends with the stream', async (t) => {
    const { flow, lines, python } = await startBoth(t, 'receive.py', 2, { type: 'netgear-out', id: 'out' })
    const line = once(lines, 'line')
    await flow.send('out', { payload: await formulaJpeg(1, 24, 32, 3), data: { light: 'on' } })
    assert.equal(String(await line), "(24, 32, 3) {'light': 'on'}")
    await flow.send('out', { complete: true })
    assert.deepEqual(await once(python, 'exit'), [0, null])
  })

  test('count_bright.py: returns its count with the answer', async (t) => {
    const node = { type: 'netgear-out', id: 'out', bidirectional: true } as const
    const { flow } = await startBoth(t, 'count_bright.py', 1, node)
    const pixels = Buffer.alloc(20 * 10 * 3).fill(255, 0, 5 * 10 * 3)
    await flow.send('out', { payload: pixels, width: 10, height: 20, channels: 3 })
    const { payload } = await flow.from('out').next()
    assert.deepEqual(payload, { bright: 50 })
  })
})
