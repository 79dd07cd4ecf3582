import assert from 'node:assert/strict'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { unzipSync } from 'fflate'
import { generateKeyPair, publicKeyOf } from '../../lib/keys/key-pair'
import { lanAddresses } from '../../nodes/preview/addresses'
import { needs } from '../requirements'
import { Editor } from './editor'

const PUBLIC = '#node-config-input-publicKey'
const SECRET = '#node-config-input-secretKey'
const peerName = (row: number) => `.netgear-peer >> nth=${row} >> .netgear-peer-name`
const peerKey = (row: number) => `.netgear-peer >> nth=${row} >> .netgear-peer-key`
const peerNote = (row: number) => `.netgear-peer >> nth=${row} >> .netgear-peer-note`

const FLOW = [
  { id: 'flow', type: 'tab', label: 'Flow' },
  {
    id: 'in',
    type: 'netgear-in',
    z: 'flow',
    x: 200,
    y: 120,
    wires: [[]],
    security: 'ironhouse',
    mode: 'bind',
    port: '5555',
  },
]

describe('the dialog of netgear-keys', needs('chromium'), () => {
  let editor: Editor
  const yardCam = generateKeyPair()
  before(async () => {
    editor = await Editor.open(FLOW)
  })
  after(async () => {
    await editor?.close()
  })

  const valueIn = (field: string) => editor.page.inputValue(field)
  const filled = (field: string) =>
    editor.page.waitForFunction((f) => document.querySelector<HTMLInputElement>(f)?.value !== '', field)
  const shows = (element: string, text: string) => editor.page.locator(element, { hasText: text }).waitFor()

  /** Drops a file on a part of the dialog, or pastes its text into a field. */
  const offer = (element: string, how: 'drop' | 'paste', text: string, name = 'porch-cam.key_secret') =>
    editor.page.evaluate(
      ([element, how, text, name]) => {
        const data = new DataTransfer()
        if (how === 'drop') data.items.add(new File([text], name))
        else data.setData('text/plain', text)
        const options = { bubbles: true, cancelable: true }
        const event =
          how === 'drop'
            ? new DragEvent('drop', { ...options, dataTransfer: data })
            : new ClipboardEvent('paste', { ...options, clipboardData: data })
        document.querySelector(element)?.dispatchEvent(event)
      },
      [element, how, text, name] as const,
    )

  const certificate = (pair: { publicKey?: string; secretKey?: string }) =>
    ['metadata', 'curve']
      .concat(pair.publicKey === undefined ? [] : [`    public-key = "${pair.publicKey}"`])
      .concat(pair.secretKey === undefined ? [] : [`    secret-key = "${pair.secretKey}"`])
      .join('\n')

  let generated = { publicKey: '', secretKey: '' }

  test('a new node makes its key pair by itself, and cancelling leaves nothing behind', async () => {
    await editor.openDialog('in')
    await editor.openKeysDialog('add')
    await filled(PUBLIC)
    assert.equal(await valueIn(PUBLIC), publicKeyOf(await valueIn(SECRET)))
    assert.deepEqual(await editor.untranslated(), [])
    assert.equal(await editor.page.getAttribute(SECRET, 'type'), 'password')
    assert.match((await editor.page.textContent('#netgear-fingerprint')) ?? '', /^(\w{4}-){3}\w{4}$/)
    await editor.closeKeysDialog('cancel')
    await editor.closeDialog('cancel')
    assert.equal(await editor.workspace.dirty(), false)
    assert.equal((await editor.workspace.nodes()).length, 1)
  })

  test('a node with a trusted peer is saved, and its secret stays on the server', async () => {
    await editor.openDialog('in')
    await editor.openKeysDialog('add')
    await filled(PUBLIC)
    generated = { publicKey: await valueIn(PUBLIC), secretKey: await valueIn(SECRET) }
    await editor.page.fill('#node-config-input-name', 'gate')
    await editor.page.click('#netgear-trusted .red-ui-editableList-addButton')
    await editor.page.fill(peerName(0), 'yard-cam')
    await editor.page.fill(peerKey(0), yardCam.publicKey)
    await shows(peerNote(0), 'Fingerprint')
    await editor.closeKeysDialog('ok')
    await shows('#netgear-link-summary', 'admits yard-cam, encrypted.')
    await editor.closeDialog('ok')
    await editor.deploy()

    const keys = await editor.workspace.keysNode()
    assert.equal(keys.publicKey, generated.publicKey)
    assert.deepEqual(keys.trusted, [{ name: 'yard-cam', publicKey: yardCam.publicKey }])
    assert.equal((await editor.workspace.node('in')).valid, true)

    const credentials = await fetch(`${editor.nodeRed.url}credentials/netgear-keys/${keys.id}`)
    assert.deepEqual(await credentials.json(), { has_secretKey: true })
    const deployed = await (await fetch(`${editor.nodeRed.url}flows`)).text()
    for (const text of [
      deployed,
      await editor.workspace.exported(),
      editor.nodeRed.read('flows.json'),
      editor.nodeRed.log,
    ]) {
      assert.equal(text.includes(generated.secretKey), false)
    }
    assert.equal(editor.nodeRed.read('flows_cred.json').includes(generated.secretKey), false)
  })

  test('opened again it shows what was saved but the secret, and closing it changes nothing', async () => {
    await editor.load()
    for (const button of ['cancel', 'ok'] as const) {
      await editor.openDialog('in')
      await editor.openKeysDialog('edit')
      await shows('#netgear-fingerprint', '-')
      assert.equal(await valueIn(PUBLIC), generated.publicKey)
      assert.equal(await valueIn(SECRET), '__PWRD__')
      assert.equal(await valueIn('#node-config-input-name'), 'gate')
      assert.equal(await valueIn(peerName(0)), 'yard-cam')
      assert.equal(await valueIn(peerKey(0)), yardCam.publicKey)
      await editor.closeKeysDialog(button)
      await editor.closeDialog(button)
      assert.equal(await editor.workspace.dirty(), false)
    }
  })

  test('the public key follows the secret one, and is gone while that is none', async () => {
    const other = generateKeyPair()
    await editor.openDialog('in')
    await editor.openKeysDialog('edit')
    await editor.page.fill(SECRET, 'not a key')
    await shows('#netgear-own-key-note', 'Not a secret key')
    assert.equal(await valueIn(PUBLIC), '')
    await editor.page.fill(SECRET, other.secretKey)
    await filled(PUBLIC)
    assert.equal(await valueIn(PUBLIC), other.publicKey)
    assert.equal(await editor.page.isEditable(PUBLIC), false)

    await editor.page.fill(SECRET, `\${NETGEAR_SECRET}`)
    await shows('#netgear-own-key-note', 'environment variable')
    assert.equal(await editor.page.isEditable(PUBLIC), true)
  })

  test('a key file fills in the pair; a public one alone, or a false pair, is told', async () => {
    const pair = generateKeyPair()
    await offer('#netgear-own-key', 'drop', certificate({ publicKey: pair.publicKey }))
    await shows('#netgear-own-key-note', 'holds no secret key')
    await offer(SECRET, 'paste', certificate(pair))
    await shows('#netgear-own-key-note', 'Taken from the key file')
    assert.equal(await valueIn(PUBLIC), pair.publicKey)
    const falsePair = { publicKey: yardCam.publicKey, secretKey: pair.secretKey }
    await offer('#netgear-own-key', 'drop', certificate(falsePair))
    await shows('#netgear-own-key-note', 'does not belong to its secret key')
    assert.equal(await valueIn(PUBLIC), pair.publicKey)
  })

  test('generating anew asks first', async () => {
    const before = await valueIn(PUBLIC)
    await editor.page.click('#netgear-generate')
    await editor.answerWarning('Cancel')
    assert.equal(await valueIn(PUBLIC), before)
    await editor.page.click('#netgear-generate')
    await editor.answerWarning('Replace the keys')
    await shows('#netgear-own-key-note', 'fresh key pair')
    assert.notEqual(await valueIn(PUBLIC), before)
    assert.equal(await valueIn(PUBLIC), publicKeyOf(await valueIn(SECRET)))
  })

  test('the trust list is checked while typing', async () => {
    await editor.page.click('#netgear-trusted .red-ui-editableList-addButton')
    const told = async (name: string, key: string, words: string) => {
      await editor.page.fill(peerName(1), name)
      await editor.page.fill(peerKey(1), key)
      await shows(peerNote(1), words)
    }
    await told('yard-cam', generateKeyPair().publicKey, 'Another peer has this name')
    await told('', generateKeyPair().publicKey, 'Give this peer a name')
    await told('porch-cam', 'too short', 'Not a public key')
    await told('porch-cam', yardCam.publicKey, 'Another peer has this key')
    await told('porch-cam', await valueIn(PUBLIC), "this end's own key")
    await told('porch-cam', await valueIn(SECRET), 'SECRET key')
    await told('porch-cam', generateKeyPair().publicKey, 'Fingerprint')
  })

  test('of a secret key file put on the trust list only the public key is taken', async () => {
    const pair = generateKeyPair()
    await offer('#netgear-trusted', 'drop', certificate(pair))
    await shows('#netgear-trusted-note', 'with its public key only')
    assert.equal(await valueIn(peerName(2)), 'porch-cam')
    assert.equal(await valueIn(peerKey(2)), pair.publicKey)
    await shows(peerNote(2), 'Another peer has this name')
    await offer('.netgear-peer:last-child .netgear-peer-key', 'paste', certificate({ secretKey: pair.secretKey }))
    await shows('#netgear-trusted-note', 'holds no public key')
    assert.equal((await editor.page.content()).includes(pair.secretKey), false)
  })

  test('a folder for a Python peer is downloaded, and the peer trusted', async () => {
    const ours = await valueIn(PUBLIC)
    await editor.page.click('#netgear-python-peer summary')
    const addresses = lanAddresses()
    const offered = addresses.flatMap(({ address, family }) => (family === 'IPv6' ? [] : address))
    const offers = editor.page.locator('#netgear-python-addresses option')
    await offers.nth(offered.length - 1).waitFor({ state: 'attached' })
    assert.deepEqual(
      await offers.evaluateAll((options) => options.map((option) => option.getAttribute('value'))),
      offered,
    )
    const [only, ...others] = addresses.filter(({ family }) => family === 'IPv4')
    assert.equal(await valueIn('#netgear-python-address'), only && others.length === 0 ? only.address : '')
    await editor.page.click('#netgear-python-download')
    await shows('#netgear-python-note', 'Give the peer a name')
    await editor.page.fill('#netgear-python-name', 'robot')
    await editor.page.fill('#netgear-python-address', 'not an address')
    await editor.page.click('#netgear-python-download')
    await shows('#netgear-python-note.netgear-note-error', 'host name')
    // Node-RED refused that, which the browser logs.
    editor.problems.splice(0)
    await editor.page.fill('#netgear-python-address', '192.168.1.20')
    const download = editor.page.waitForEvent('download')
    await editor.page.click('#netgear-python-download')
    const zip = unzipSync(await buffer(await (await download).createReadStream()))
    await shows('#netgear-python-note', 'robot is on the list')
    const files = Object.entries(zip).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)] as const)
    const text = (end: string) => files.find(([path]) => path.endsWith(end))?.[1] ?? ''
    assert.equal(await valueIn(peerName(3)), 'robot')
    assert.ok(text('public_keys/client.key').includes(await valueIn(peerKey(3))))
    assert.ok(text('public_keys/server.key').includes(ours))
    const secret = await valueIn(SECRET)
    for (const [path, content] of files) assert.equal(content.includes(secret), false, path)
    await editor.closeKeysDialog('cancel')
    await editor.closeDialog('cancel')
    assert.equal(await editor.workspace.dirty(), false)
  })

  test('a key directory is shown, created and regenerated', async () => {
    const directory = join(editor.nodeRed.userDir, 'netgear')
    await editor.openDialog('in')
    await editor.openKeysDialog('add')
    await filled(PUBLIC)
    await editor.page.selectOption('#node-config-input-source', 'directory')
    await editor.page.fill('#node-config-input-directory', directory)
    await shows('#netgear-directory-content', 'private_keys/server.key_secret')
    assert.equal(await editor.page.isVisible('#netgear-trusted'), false)
    await editor.page.click('#netgear-directory-create')
    await shows('#netgear-directory-note', 'The keys were created')
    const keysShown = async () => (await editor.page.textContent('#netgear-directory-content')) ?? ''
    const created = await keysShown()
    assert.match(created, /Key when receiving.*Key when sending/s)
    await editor.page.click('#netgear-directory-regenerate')
    await editor.answerWarning('Replace the keys')
    await shows('#netgear-directory-note', 'The keys were replaced')
    assert.notEqual(await keysShown(), created)
    await editor.closeKeysDialog('cancel')
    await editor.closeDialog('cancel')
  })

  test('all this made no errors in the browser', () => {
    assert.deepEqual(editor.problems, [])
  })
})
