import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { asksForOurAddress, type OtherEndKind, problemFor, stepsFor } from '../../nodes/editor/other-end-advice'
import { type OwnEnd, otherEndNodes } from '../../nodes/editor/other-end-node'
import type { LanAddress, LinkFigures } from '../../nodes/preview/answers'
import { freePort } from '../free-port'
import { needs } from '../requirements'
import { Editor } from './editor'

const OWN: OwnEnd = {
  type: 'netgear-in',
  security: 'ironhouse',
  pattern: 'pubsub',
  mode: 'bind',
  protocol: 'tcp',
  address: '*',
  port: '5555',
  bidirectional: false,
  keys: 'keys',
  publicKey: generateKeyPair().publicKey,
  trustedAs: 'gate',
}
const IDS = { link: 'link-id', keys: 'keys-id' }
const CHOICE = { address: '192.168.1.20', port: '5556' }

const nodesFor = (own: Partial<OwnEnd>) =>
  otherEndNodes({ ...OWN, ...own }, CHOICE, IDS, { quality: 90, mode: 'bind' }) as Record<string, unknown>[]
const linkFor = (own: Partial<OwnEnd>) => nodesFor(own).at(-1) ?? assert.fail()

describe('the node for the other end', () => {
  test('mirrors the link, trusts our key and holds no secret', () => {
    const [keys, link] = nodesFor({})
    assert.deepEqual(keys, {
      id: 'keys-id',
      type: 'netgear-keys',
      name: '',
      source: 'stored',
      publicKey: '',
      trusted: [{ name: 'gate', publicKey: OWN.publicKey }],
      directory: '',
    })
    const { type, security, pattern, mode, protocol, address, port, quality } = link ?? {}
    assert.deepEqual(
      { type, security, pattern, mode, protocol, address, port, keys: link?.keys, quality },
      {
        type: 'netgear-out',
        security: 'ironhouse',
        pattern: 'pubsub',
        mode: 'connect',
        protocol: 'tcp',
        address: '192.168.1.20',
        port: '5556',
        keys: 'keys-id',
        quality: 90,
      },
    )
  })

  test('goes to the address at which we wait, waits where we connect', () => {
    assert.equal(linkFor({ address: '10.0.0.3' }).address, '10.0.0.3')
    assert.equal(linkFor({ address: '127.0.0.1' }).address, '127.0.0.1')
    assert.equal(linkFor({ address: '0.0.0.0' }).address, '192.168.1.20')
    for (const [address, waitsAt] of [
      ['pi.local', '*'],
      ['localhost', '127.0.0.1'],
    ] as const) {
      const link = linkFor({ mode: 'connect', address })
      assert.deepEqual([link.mode, link.address], ['bind', waitsAt])
    }
    const ipc = linkFor({ protocol: 'ipc', address: '/tmp/netgear' })
    assert.deepEqual([ipc.protocol, ipc.address], ['ipc', '/tmp/netgear'])
  })

  test('without encryption there are no keys; a return channel has its ports on both ends', () => {
    assert.equal(nodesFor({ security: 'grassland' }).length, 1)
    const out = linkFor({ bidirectional: true, pattern: 'reqrep' })
    assert.deepEqual([out.bidirectional, out.outputs, out.wires], [true, 1, [[]]])
    const receiver = linkFor({ type: 'netgear-out', bidirectional: true, pattern: 'pair' })
    assert.deepEqual([receiver.type, receiver.inputs, receiver.outputs], ['netgear-in', 1, 1])
    assert.equal(linkFor({ bidirectional: true }).bidirectional, false)
  })
})

describe('the advice for the other end', () => {
  test('says what cannot be told, or would not work', () => {
    const problem = (kind: 'node' | 'pyzmq' | 'vidgear', own: Partial<OwnEnd>, dialect = 'netgear') =>
      problemFor(kind, { ...OWN, ...own }, dialect)
    assert.equal(problem('node', {}), undefined)
    assert.equal(problem('node', { publicKey: '' }), 'no-key')
    assert.equal(problem('node', { publicKey: '', security: 'grassland' }), undefined)
    assert.equal(problem('node', { mode: `\${MODE}` }), 'variables')
    assert.equal(problem('pyzmq', {}), undefined)
    assert.equal(problem('pyzmq', { mode: 'connect', address: '10.0.0.4' }), 'python-wait')
    assert.equal(problem('vidgear', { type: 'netgear-out' }), 'python-connect')
    assert.equal(problem('node', { port: '70000' }), 'settings')
    assert.equal(problem('pyzmq', { address: 'tcp://gate' }), 'settings')
    assert.equal(problem('vidgear', { protocol: 'ipc', address: '/tmp/gate' }), 'python-ipc')
    assert.equal(
      problem('vidgear', { type: 'netgear-out', mode: 'connect', address: '10.0.0.4' }, 'imagezmq'),
      'python-imagezmq',
    )
    assert.equal(problem('pyzmq', { security: 'grassland' }), 'pyzmq-grassland')
    assert.equal(problem('vidgear', { security: 'grassland' }), undefined)
  })

  test('asks for our address only where the other end cannot do with the one in the settings', () => {
    const asks = (kind: OtherEndKind, own: Partial<OwnEnd>) => asksForOurAddress(kind, { ...OWN, ...own })
    assert.equal(asks('pyzmq', {}), true)
    assert.equal(asks('pyzmq', { address: '10.0.0.3' }), false)
    assert.equal(asks('vidgear', { type: 'netgear-out', mode: 'connect', address: '10.0.0.4' }), true)
    assert.equal(asks('node', { mode: 'connect', address: '10.0.0.4' }), false)
  })

  test('asks to trust the other end exactly where its key is checked', () => {
    const trusts = (own: Partial<OwnEnd>) => stepsFor('node', { ...OWN, ...own }).includes('trust-back')
    assert.equal(trusts({}), true)
    assert.equal(trusts({ security: 'stonehouse' }), false)
    assert.equal(trusts({ security: 'stonehouse', mode: 'connect' }), true)
    assert.equal(trusts({ security: 'grassland', mode: 'connect' }), false)
  })
})

const FRAMES = `return { payload: Buffer.alloc(64 * 48 * 3, 200), width: 64, height: 48, channels: 3 }`

describe('the tab for the other end', needs('chromium'), () => {
  let editor: Editor
  before(async () => {
    const port = String(await freePort())
    const clock = { repeat: '0.1', once: true, onceDelay: 0.1, props: [] }
    editor = await Editor.open([
      { id: 'flow', type: 'tab', label: 'Flow' },
      { id: 'keys', type: 'netgear-keys', name: 'gate', source: 'stored', publicKey: '', trusted: [], directory: '' },
      {
        id: 'in',
        type: 'netgear-in',
        z: 'flow',
        x: 600,
        y: 120,
        wires: [[]],
        name: 'yard',
        keys: 'keys',
        security: 'ironhouse',
        port,
      },
      { id: 'clock', type: 'inject', z: 'flow', x: 140, y: 60, wires: [['frames']], ...clock },
      { id: 'frames', type: 'function', z: 'flow', x: 340, y: 60, wires: [[]], outputs: 1, func: FRAMES, libs: [] },
    ])
  })
  after(async () => {
    await editor?.close()
  })

  const valueIn = (field: string) => editor.page.inputValue(field)
  const ask = async <Answer>(path: string) =>
    (await (await fetch(`${editor.nodeRed.url}netgear/${path}`)).json()) as Answer
  const problem = (words: string) => editor.page.locator('#netgear-other-problem', { hasText: words }).waitFor()
  const text = async (matching: RegExp) => {
    await editor.page.waitForFunction(
      (pattern) =>
        new RegExp(pattern).test(document.querySelector<HTMLTextAreaElement>('#netgear-other-text')?.value ?? ''),
      matching.source,
    )
    return valueIn('#netgear-other-text')
  }

  /** Opens the keys node of the open link's dialog, lets it make its key pair, and answers the public key. */
  async function generateKeys(): Promise<string> {
    await editor.openKeysDialog('edit')
    await editor.page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('#node-config-input-publicKey')?.value !== '',
    )
    const publicKey = await valueIn('#node-config-input-publicKey')
    await editor.closeKeysDialog('ok')
    return publicKey
  }

  /** The figures of the link once a frame has come over it. */
  async function carryingFrames(): Promise<LinkFigures> {
    for (const until = performance.now() + 10_000; performance.now() < until; await delay(100)) {
      const [figures] = await ask<LinkFigures[]>('links?node=in')
      if (figures?.frame) return figures
    }
    return assert.fail('no frame came')
  }

  let nodes: Record<string, unknown>[] = []
  let ownKey = ''

  test('needs a key pair first, and says so', async () => {
    await editor.openDialog('in')
    await editor.page.click('#netgear-tab-other-end')
    await problem('public key is not known yet')
    assert.equal(await editor.page.isVisible('#netgear-other-text'), false)
    await editor.page.click('#netgear-tab-settings')
    ownKey = await generateKeys()
    await editor.page.click('#netgear-tab-other-end')
    nodes = JSON.parse(await text(/netgear-out/))
    assert.deepEqual(await editor.untranslated(), [])
    assert.equal(await valueIn('#netgear-other-own-key'), ownKey)
  })

  test("offers this machine's addresses, and fills in the one chosen", async () => {
    const offered = (await ask<LanAddress[]>('addresses')).filter(({ family }) => family !== 'IPv6')
    assert.ok(offered.length > 0)
    const values = await editor.page.$$eval('#netgear-other-address option', (options) =>
      options.map((option) => (option as HTMLOptionElement).value),
    )
    assert.deepEqual(
      values,
      offered.map(({ address }) => address),
    )
    const last = values.at(-1) ?? assert.fail()
    await editor.page.selectOption('#netgear-other-address', last)
    const quoted = last.replace(/[.]/g, '\\.')
    await text(new RegExp(`"address": "${quoted}"`))
    await editor.page.selectOption('#netgear-other-address', values[0] ?? '')
    nodes = JSON.parse(await text(new RegExp(`"address": "${values[0]?.replace(/[.]/g, '\\.')}"`)))
    assert.deepEqual(nodes[0]?.trusted, [{ name: 'yard', publicKey: ownKey }])
  })

  test('gives the Python program for the link as it stands in the dialog', async () => {
    await editor.page.selectOption('#netgear-other-kind', 'pyzmq')
    const program = await text(/SECURE_MODE = 2/)
    assert.match(program, /^PATTERN = 2 /m)
    assert.match(program, /Sends pictures to a netgear-in node/)
    assert.match(
      (await editor.page.textContent('#netgear-other-steps')) ?? '',
      /keys node here \(gate\).*send_pyzmq\.py/,
    )
    await editor.page.click('#netgear-tab-settings')
    await editor.page.selectOption('#node-input-pattern', 'reqrep')
    await editor.page.check('#netgear-security-grassland')
    await editor.page.click('#netgear-tab-other-end')
    await problem("only the program for vidgear's NetGear")
    await editor.page.selectOption('#netgear-other-kind', 'vidgear')
    assert.match(await text(/NOT encrypted/), /^PATTERN = 1 /m)
    await editor.page.click('#netgear-tab-settings')
    await editor.page.selectOption('#node-input-mode', 'connect')
    await editor.page.click('#netgear-tab-other-end')
    await problem('the receiver waits and the sender connects')
    await editor.closeDialog('cancel')
  })

  test('the nodes it gives are imported, trusted back, deployed, and carry frames', async () => {
    await editor.page.click('#red-ui-workspace-chart', { position: { x: 700, y: 500 } })
    await editor.page.keyboard.press('Control+i')
    const text = editor.page.locator('#red-ui-clipboard-dialog-import-text')
    const accepted = editor.page.locator('#red-ui-clipboard-dialog-ok:not([disabled])')
    // What is filled in while the dialog is still opening is cleared again.
    for (let attempt = 0; attempt < 10 && (await accepted.count()) === 0; attempt += 1) {
      await text.fill('')
      await text.fill(JSON.stringify(nodes))
      await accepted.waitFor({ timeout: 1000 }).catch(() => undefined)
    }
    await editor.page.click('#red-ui-clipboard-dialog-ok')
    await editor.page.locator('#red-ui-clipboard-dialog-ok').waitFor({ state: 'hidden' })
    await editor.page.mouse.move(700, 560)
    await editor.page.mouse.click(705, 565)
    const imported = await editor.workspace.nodes()
    const out = imported.find(({ type }) => type === 'netgear-out') ?? assert.fail('nothing was imported')

    await editor.openDialog(out.id)
    const otherKey = await generateKeys()
    await editor.closeDialog('ok')
    await editor.workspace.wire('frames', 0, out.id)

    await editor.openDialog('in')
    await editor.openKeysDialog('edit')
    await editor.page.click('#netgear-trusted .red-ui-editableList-addButton')
    await editor.page.fill('.netgear-peer-name', 'cam')
    await editor.page.fill('.netgear-peer-key', otherKey)
    await editor.closeKeysDialog('ok')
    await editor.closeDialog('ok')
    assert.equal((await editor.workspace.node(out.id)).valid, true)
    await editor.deploy()

    const figures = await carryingFrames()
    assert.deepEqual([figures.state, figures.security], ['connected', 'ironhouse'])
    assert.deepEqual(
      figures.peers.map(({ name }) => name),
      ['cam'],
    )
  })

  test('all this made no errors in the browser', () => {
    assert.deepEqual(editor.problems, [])
  })
})
