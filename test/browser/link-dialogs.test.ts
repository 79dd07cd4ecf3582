import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { needs } from '../requirements'
import { Editor } from './editor'

const own = generateKeyPair()
const yardCam = generateKeyPair()
const FLOW = [
  { id: 'flow', type: 'tab', label: 'Flow' },
  {
    id: 'keys',
    type: 'netgear-keys',
    name: 'gate',
    source: 'stored',
    publicKey: own.publicKey,
    trusted: [{ name: 'yard-cam', publicKey: yardCam.publicKey }],
    directory: '',
  },
  // As a version that knew hardly any properties would have saved them.
  { id: 'old-in', type: 'netgear-in', z: 'flow', x: 200, y: 300, wires: [[]], name: 'old in', keys: 'keys' },
  { id: 'old-out', type: 'netgear-out', z: 'flow', x: 200, y: 360, wires: [], name: 'old out', keys: 'keys' },
  { id: 'debug', type: 'debug', z: 'flow', x: 600, y: 60, name: 'events', active: false, wires: [] },
  {
    id: 'variables',
    type: 'netgear-in',
    z: 'flow',
    x: 200,
    y: 420,
    wires: [[], []],
    outputs: 2,
    name: 'from the environment',
    keys: 'keys',
    security: `\${SECURITY}`,
    address: `\${ADDRESS}`,
    port: `\${PORT}`,
    maxFps: `\${FPS}`,
    events: `\${EVENTS}`,
  },
]

describe('the dialogs of netgear-in and netgear-out', needs('chromium'), () => {
  let editor: Editor
  before(async () => {
    editor = await Editor.open(FLOW)
  })
  after(async () => {
    await editor?.close()
  })

  const visible = (property: string) => editor.page.locator(`#node-input-${property}`).isVisible()
  const summary = async () => (await editor.page.textContent('#netgear-link-summary')) ?? ''
  const choose = (security: string) => editor.page.check(`#netgear-security-${security}`)

  /** Types into a field as a user does, and answers what the dialog says of it. */
  const problemOf = async (property: string, text: string) => {
    const field = `#node-input-${property}`
    await editor.page.fill(field, text)
    return await editor.problemWith(field)
  }

  test('looking at everything and cancelling changes nothing, also of nodes saved by an older version', async () => {
    for (const id of ['old-in', 'old-out', 'variables']) {
      const before = await editor.workspace.exported()
      await editor.openDialog(id)
      for (const tab of ['live', 'other-end', 'settings']) await editor.page.click(`#netgear-tab-${tab}`)
      await editor.page.click('#netgear-advanced summary')
      if (id === 'old-in') {
        await editor.openKeysDialog('edit')
        await editor.page.click('#netgear-python-peer summary')
        await editor.closeKeysDialog('cancel')
      }
      await editor.closeDialog('cancel')
      assert.equal(await editor.workspace.exported(), before)
      assert.equal(await editor.workspace.dirty(), false)
    }
  })

  test('a dialog that Node-RED makes narrow cuts nothing off', async () => {
    await editor.openDialog('old-in')
    const overflow = await editor.page.evaluate(() => {
      const tray = document.querySelector<HTMLElement>('.red-ui-tray')
      const form = tray?.querySelector<HTMLElement>('.netgear-form')
      if (!tray || !form) return undefined
      tray.style.width = '460px'
      return form.getBoundingClientRect().right - tray.getBoundingClientRect().right
    })
    await editor.closeDialog('cancel')
    assert.ok(overflow !== undefined && overflow <= 0, `${overflow} pixels are cut off`)
  })

  test('an old node opens with the defaults', async () => {
    await editor.openDialog('old-out')
    assert.deepEqual(await editor.untranslated(), [])
    const values = {
      security: 'ironhouse',
      pattern: 'pubsub',
      mode: 'connect',
      protocol: 'tcp',
      address: 'localhost',
      port: '5555',
      encoding: 'jpeg',
      quality: '90',
      queue: '1',
      window: '1',
      maxFps: '0',
    }
    for (const [property, value] of Object.entries(values)) {
      assert.equal(await editor.page.inputValue(`#node-input-${property}`), value, property)
    }
    assert.equal(await editor.page.isChecked('#netgear-security-ironhouse'), true)
    await editor.closeDialog('ok')
    const { frame, frameType, data, dataType, endOfStream, outputs } = await editor.workspace.node('old-out')
    assert.deepEqual(
      { frame, frameType, data, dataType, endOfStream, outputs },
      { frame: 'payload', frameType: 'msg', data: 'data', dataType: 'msg', endOfStream: false, outputs: 0 },
    )
  })

  test('variables stay as they are, and are valid everywhere', async () => {
    assert.equal((await editor.workspace.node('variables')).valid, true)
    await editor.openDialog('variables')
    assert.match(await summary(), /depends on \$\{SECURITY\}/)
    await editor.closeDialog('ok')
    const { security, address, port, maxFps, events, outputs } = await editor.workspace.node('variables')
    assert.deepEqual(
      { security, address, port, maxFps, events, outputs },
      {
        security: `\${SECURITY}`,
        address: `\${ADDRESS}`,
        port: `\${PORT}`,
        maxFps: `\${FPS}`,
        events: `\${EVENTS}`,
        outputs: 2,
      },
    )
  })

  test('only what matters for the chosen values is shown, and the summary says what they mean', async () => {
    const id = await editor.addNode('netgear-in', { x: 250, y: 120 })
    await editor.openDialog(id)
    assert.match(await summary(), /^Listens on port 5555 of this machine, as soon as it has keys\.$/)
    await editor.page.selectOption('#node-input-keys', 'keys')
    assert.equal(await summary(), 'Listens on port 5555 of this machine, admits yard-cam, encrypted.')
    assert.deepEqual([await visible('peer'), await visible('pixels'), await visible('maxFps')], [false, false, false])

    await editor.page.selectOption('#node-input-mode', 'connect')
    assert.equal(await editor.page.inputValue('#node-input-address'), 'localhost')
    assert.equal(await visible('peer'), true)
    const expected = 'Connects to port 5555 of localhost, if the other end proves the key of yard-cam, encrypted.'
    assert.equal(await summary(), expected)

    await choose('stonehouse')
    await editor.page.selectOption('#node-input-mode', 'bind')
    assert.match(await summary(), /admits anyone who knows its public key, encrypted/)

    await choose('grassland')
    assert.deepEqual([await visible('keys'), await visible('peer')], [false, false])
    assert.equal(await summary(), 'Listens on port 5555 of this machine, admits anyone, not encrypted.')
    assert.equal(await editor.page.isVisible('#netgear-grassland-warning'), true)
    await editor.page.fill('#node-input-address', '127.0.0.1')
    assert.equal(await editor.page.isVisible('#netgear-grassland-warning'), false)

    await editor.page.selectOption('#node-input-output', 'raw')
    assert.equal(await visible('pixels'), true)
    await editor.page.click('#netgear-advanced summary')
    assert.deepEqual([await visible('maxFps'), await visible('bidirectional')], [true, false])
    await editor.page.selectOption('#node-input-pattern', 'pair')
    assert.equal(await visible('bidirectional'), true)
    await editor.closeDialog('ok')
  })

  test('each field says what is wrong with what was typed', async () => {
    await editor.openDialog('old-out')
    await editor.page.click('#netgear-advanced summary')
    assert.match(await problemOf('port', '0'), /from 1 to 65535/)
    assert.match(await problemOf('port', '5555, 5555'), /only once/)
    assert.match(await problemOf('port', ''), /Fill in a port/)
    assert.equal(await problemOf('port', '5555,5556'), '')
    assert.match(await problemOf('address', ''), /Fill in an address/)
    assert.match(await problemOf('address', '*'), /waiting only/)
    assert.match(await problemOf('address', 'tcp://host:5555'), /Not a host name/)
    assert.equal(await problemOf('address', 'fe80::1%eth0'), '')
    assert.match(await problemOf('peer', 'nobody'), /trusts no peer of this name/)
    assert.equal(await problemOf('peer', yardCam.publicKey), '')
    await editor.page.fill('#node-input-peer', '')
    assert.match(await problemOf('quality', '101'), /from 1 to 100/)
    assert.equal(await problemOf('quality', `\${QUALITY}`), '')
    assert.match(await problemOf('maxFps', '-1'), /least possible is 0/)
    assert.match(await problemOf('queue', '0'), /least possible is 1/)
    assert.match(await problemOf('queue', '1.5'), /whole number/)
    await editor.page.selectOption('#node-input-pattern', 'reqrep')
    assert.match(await problemOf('window', '65'), /from 1 to 64/)
    assert.match(await problemOf('sshHost', 'gate'), /user@host/)
    await editor.page.fill('#node-input-port', '5555,5556')
    assert.match(await problemOf('sshHost', 'cam@gate'), /leads to one receiver/)
    await editor.page.fill('#node-input-port', '5555')
    assert.equal(await problemOf('sshHost', 'cam@gate'), '')
    assert.match(await summary(), /^Connects through cam@gate to port 5555 of /)
    await editor.closeDialog('cancel')
  })

  test('a secure link without keys is not valid', async () => {
    const id = await editor.addNode('netgear-out', { x: 250, y: 200 })
    assert.equal((await editor.workspace.node(id)).valid, false)
    await editor.openDialog(id)
    assert.match(await editor.problemWith('#node-input-keys'), /Choose a keys node/)
    await choose('grassland')
    await editor.closeDialog('ok')
    assert.equal((await editor.workspace.node(id)).valid, true)
  })

  test('events and the return channel give ports, and wires stay on theirs', async () => {
    const portsOf = async (id: string) => {
      const { inputs, outputs } = await editor.workspace.node(id)
      return { inputs, outputs }
    }
    const set = async (id: string, pattern: string, bidirectional: boolean, events: boolean) => {
      await editor.openDialog(id)
      await editor.page.selectOption('#node-input-pattern', pattern)
      if (!(await visible('events'))) await editor.page.click('#netgear-advanced summary')
      if (pattern !== 'pubsub') await editor.page.setChecked('#node-input-bidirectional', bidirectional)
      await editor.page.setChecked('#node-input-events', events)
      await editor.closeDialog('ok')
      return await portsOf(id)
    }
    assert.deepEqual(await set('old-in', 'pair', true, true), { inputs: 1, outputs: 2 })
    assert.deepEqual(await set('old-in', 'pubsub', true, false), { inputs: 0, outputs: 1 })

    assert.deepEqual(await set('old-out', 'reqrep', false, true), { inputs: 1, outputs: 1 })
    await editor.workspace.wire('old-out', 0, 'debug')
    assert.deepEqual(await set('old-out', 'reqrep', true, true), { inputs: 1, outputs: 2 })
    assert.deepEqual(await editor.workspace.wiresOf('old-out'), [{ port: 1, target: 'debug' }])
    assert.deepEqual(await set('old-out', 'pubsub', true, false), { inputs: 1, outputs: 0 })
    assert.deepEqual(await editor.workspace.wiresOf('old-out'), [])
    assert.equal((await editor.workspace.node('old-out')).bidirectional, false)
  })

  test('what was deployed is there again after loading the editor anew', async () => {
    await editor.openDialog('old-in')
    await editor.page.fill('#node-input-port', '6000,6001')
    await editor.page.selectOption('#node-input-output', 'asis')
    await editor.closeDialog('ok')
    await editor.deploy()
    await editor.load()
    const { port, output, keys } = await editor.workspace.node('old-in')
    assert.deepEqual({ port, output, keys }, { port: '6000,6001', output: 'asis', keys: 'keys' })
  })

  test('the folder for a Python peer fits the link from whose dialog it is made', async () => {
    for (const [id, role] of [
      ['old-in', 'sender'],
      ['old-out', 'receiver'],
    ] as const) {
      await editor.openDialog(id)
      await choose('stonehouse')
      await editor.page.selectOption('#node-input-pattern', 'pair')
      await editor.page.fill('#node-input-port', '5557,5558')
      await editor.closeDialog('ok')
      await editor.openDialog(id)
      await editor.openKeysDialog('edit')
      const filled: Record<string, string> = {}
      for (const field of ['role', 'pattern', 'security', 'port'])
        filled[field] = await editor.page.inputValue(`#netgear-python-${field}`)
      await editor.closeKeysDialog('cancel')
      await editor.closeDialog('cancel')
      assert.deepEqual(filled, { role, pattern: 'pair', security: 'stonehouse', port: '5557' })
    }
  })

  test('all this made no errors in the browser', () => {
    assert.deepEqual(editor.problems, [])
  })
})
