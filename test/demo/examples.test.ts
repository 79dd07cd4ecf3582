import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import { freePort } from '../free-port'
import { readPictures } from './mjpeg'
import { type FlowNode, RunningDemo } from './running-demo'

const EXAMPLES = resolve(__dirname, '..', '..', 'examples')
const OURS = ['netgear-in', 'netgear-out', 'netgear-keys']
const names = readdirSync(EXAMPLES).map((file) => basename(file, '.json'))

function example(name: string): FlowNode[] {
  return JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8'))
}

/** The flow as it is when the user has opened the keys node, or chosen another one. */
function withKeys(flow: FlowNode[], pair = generateKeyPair()): FlowNode[] {
  const { publicKey, secretKey } = pair
  return flow.map((node) => (node.type === 'netgear-keys' ? { ...node, publicKey, credentials: { secretKey } } : node))
}

function withPort(flow: FlowNode[], port: string): FlowNode[] {
  return flow.map((node) => (OURS.includes(node.type) && 'port' in node ? { ...node, port } : node))
}

/** Resolves with the path of the first file in a folder that may still have to be made. */
async function firstFileIn(parent: string, folder: string): Promise<string> {
  const path = join(parent, folder)
  const appears = (directory: string, isThere: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const watcher = watch(directory, check)
      watcher.on('error', reject)
      check()
      function check() {
        if (!isThere()) return
        watcher.close()
        resolve()
      }
    })
  await appears(parent, () => existsSync(path))
  await appears(path, () => readdirSync(path).length > 0)
  return join(path, readdirSync(path)[0] as string)
}

describe('the examples', () => {
  let folder: string
  let demo: RunningDemo
  let knownTypes: Set<string>

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netgear-examples-'))
    demo = await RunningDemo.start(join(folder, 'user'))
    const response = await fetch(`${demo.editor}nodes`, { headers: { accept: 'application/json' } })
    const sets = (await response.json()) as { types: string[]; module: string }[]
    const allowed = sets.filter(({ module }) => module === 'node-red' || module === '@ironhouse/node-red-netgear')
    knownTypes = new Set(['tab', 'comment', ...allowed.flatMap(({ types }) => types)])
  })

  after(async () => {
    await demo?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const name of names) {
    test(`${name}: core nodes and ours only, explained in a comment, no keys inside`, () => {
      const flow = example(name)
      assert.deepEqual(
        flow.map(({ type }) => type).filter((type) => !knownTypes.has(type)),
        [],
      )
      const [comment] = flow.filter(({ type }) => type === 'comment')
      assert.ok(String(comment?.info).length > 200)
      assert.match(String(comment?.info), /keys node makes its key pair now/)
      for (const keys of flow.filter(({ type }) => type === 'netgear-keys')) {
        assert.deepEqual([keys.source, keys.publicKey, keys.trusted, keys.credentials], ['stored', '', [], undefined])
      }
      const ids = new Set(flow.map(({ id }) => id))
      for (const { wires, keys } of flow) {
        for (const target of (wires as string[][] | undefined)?.flat() ?? []) assert.ok(ids.has(target))
        if (keys !== undefined) assert.ok(ids.has(String(keys)))
      }
    })
  }

  test('every kind of our nodes is shown', () => {
    const types = new Set(names.flatMap((name) => example(name).map(({ type }) => type)))
    for (const type of OURS) assert.ok(types.has(type))
  })

  test('1 shows its test picture on its page', async () => {
    const port = String(await freePort())
    await demo.deploy(withKeys(withPort(example('1 - Secure loop with live page'), port)))
    const page = await (await demo.page('secure-loop')).text()
    assert.match(page, /<img src="secure-loop\.mjpeg"/)
    const [first, second] = await readPictures(`${demo.editor}secure-loop.mjpeg`, 2)
    assert.ok(first && second && !first.equals(second))
    const { width, height } = readJpegHeader(first)
    assert.deepEqual([width, height], [320, 240])
  })

  test('5 writes a snapshot of what example 1 sends, set up as its comment says', async () => {
    const [loopPort, ownPort] = [String(await freePort()), String(await freePort())]
    const loop = withKeys(withPort(example('1 - Secure loop with live page'), loopPort)).map((node) =>
      node.type === 'netgear-out' ? { ...node, port: `${loopPort},${ownPort}` } : node,
    )
    const keys = loop.find(({ type }) => type === 'netgear-keys')?.id
    const snapshot = example('5 - Snapshot to file')
      .filter(({ type }) => type !== 'netgear-keys')
      .map((node) =>
        node.type === 'netgear-in' ? { ...node, keys, address: '127.0.0.1', port: ownPort, events: true } : node,
      )
    const button = snapshot.find(({ type }) => type === 'inject')
    const arrived = snapshot.find(({ name }) => name === 'keep the newest')
    assert.ok(button && arrived)
    // Told by a page of the test's own that a frame has arrived, it presses the button.
    const told = { id: 'told', type: 'http response', z: arrived.z, name: '', statusCode: '', headers: {}, wires: [] }
    const ask = { id: 'ask', type: 'http in', z: arrived.z, url: '/arrived', method: 'get', wires: [['wait']] }
    const wait = {
      id: 'wait',
      type: 'function',
      z: arrived.z,
      func: `if (msg.res) context.set('asked', msg)
        else if (context.get('asked')) { node.send({ ...context.get('asked'), payload: 'yes' }); context.set('asked') }`,
      outputs: 1,
      wires: [['told']],
    }
    const extended = snapshot.map((node) => (node === arrived ? { ...node, wires: [['wait']] } : node))
    await demo.deploy([...loop, ...extended, ask, wait, told])
    assert.equal(await (await demo.page('arrived')).text(), 'yes')
    const written = firstFileIn(folder, 'snapshots')
    await demo.press(button.id)
    const file = await written
    assert.match(basename(file), /^\d{8}-\d{6}\.jpg$/)
  })

  test('all others are deployed without an error', async () => {
    const port = String(await freePort())
    const others = names.filter((name) => /^[234]/.test(name))
    assert.equal(others.length, 3)
    await demo.deploy(others.flatMap((name) => withKeys(withPort(example(name), port))))
    const answer = await demo.page('python.jpg')
    assert.equal(answer.headers.get('content-type'), 'image/jpeg')
    assert.doesNotMatch(demo.output, /error/i)
  })
})
