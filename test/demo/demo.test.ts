import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { generateKeyPair, publicKeyOf } from '../../lib/keys/key-pair'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import { freePort } from '../free-port'
import { needs } from '../requirements'
import { readPictures } from './mjpeg'
import { failingDemo, RunningDemo } from './running-demo'

let folder: string

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'netgear-demo-'))
})

after(() => rmSync(folder, { recursive: true, force: true }))

describe('npm start', () => {
  let demo: RunningDemo
  let linkPort: number
  let userDir: string

  before(async () => {
    userDir = join(folder, 'first')
    linkPort = await freePort()
    demo = await RunningDemo.start(userDir, [], { NETGEAR_DEMO_PORT: String(linkPort) })
  })

  after(() => demo?.stop())

  test('shows a moving picture of 640 x 480 that crossed the link', async () => {
    const page = await (await fetch(`${demo.editor}live`)).text()
    assert.match(page, /<img src="live\.mjpeg"/)
    const pictures = await readPictures(`${demo.editor}live.mjpeg`, 5)
    for (const picture of pictures) {
      const { width, height } = readJpegHeader(picture)
      assert.deepEqual([width, height], [640, 480])
    }
    assert.equal(new Set(pictures.map((picture) => picture.toString('base64'))).size, 5)
  })

  test('sends about 15 pictures a second', async () => {
    const start = performance.now()
    await readPictures(`${demo.editor}live.mjpeg`, 30)
    const perSecond = 30_000 / (performance.now() - start)
    assert.ok(perSecond > 7 && perSecond < 18, `${perSecond.toFixed(1)} pictures per second`)
  })

  test('secures the link with IronHouse, the secret key encrypted at rest', async () => {
    const flows = await demo.flows()
    const links = flows.filter(({ type }) => type === 'netgear-in' || type === 'netgear-out')
    assert.deepEqual(
      links.map(({ security }) => security),
      ['ironhouse', 'ironhouse'],
    )
    const keys = flows.find(({ type }) => type === 'netgear-keys')
    assert.ok(typeof keys?.publicKey === 'string')
    assert.ok('$' in JSON.parse(readFileSync(join(userDir, 'flows_cred.json'), 'utf8')))
    for (const file of filesIn(userDir)) {
      assert.ok(!holdsSecretOf(keys.publicKey, readFileSync(file, 'latin1')), `${file} holds the secret key`)
    }
  })

  test('listens on 127.0.0.1 only', async () => {
    for (const port of [Number(new URL(demo.editor).port), linkPort]) {
      assert.equal(await answers('127.0.0.1', port), true)
      assert.equal(await answers('127.0.0.2', port), false, `port ${port} is open on other addresses`)
    }
  })

  test('says so when the port is taken, and takes the next one', async () => {
    const second = await RunningDemo.start(join(folder, 'second'))
    try {
      const taken = Number(new URL(demo.editor).port)
      const next = Number(new URL(second.editor).port)
      assert.ok(next > taken)
      for (let port = taken; port < next; port++) assert.match(second.output, new RegExp(`^Port ${port} is taken`, 'm'))
      await readPictures(`${second.editor}live.mjpeg`, 1)
    } finally {
      await second.stop()
    }
  })

  test('ends at once and in order on Ctrl-C, also while somebody watches', async () => {
    const response = await fetch(`${demo.editor}live.mjpeg`)
    const cut = assert.rejects(response.arrayBuffer())
    assert.equal(await demo.stop(), 0)
    await cut
    assert.equal(await answers('127.0.0.1', Number(new URL(demo.editor).port)), false)
    assert.doesNotMatch(demo.output, /error|Error/)
  })

  test('keeps what the user changed', async () => {
    const again = await RunningDemo.start(userDir)
    const flows = await again.flows()
    const renamed = flows.map((node) => (node.type === 'tab' ? { ...node, label: 'Mine now' } : node))
    await again.deploy(renamed)
    await again.stop()
    const later = await RunningDemo.start(userDir)
    try {
      assert.equal((await later.flows()).find(({ type }) => type === 'tab')?.label, 'Mine now')
      await readPictures(`${later.editor}live.mjpeg`, 1)
    } finally {
      await later.stop()
    }
  })

  test('begins anew with --reset, with other keys', async () => {
    const keyOf = (flows: { type: string; publicKey?: unknown }[]) =>
      flows.find(({ type }) => type === 'netgear-keys')?.publicKey
    const saved = JSON.parse(readFileSync(join(userDir, 'flows.json'), 'utf8'))
    const anew = await RunningDemo.start(userDir, ['--reset'])
    try {
      const flows = await anew.flows()
      assert.equal(flows.find(({ type }) => type === 'tab')?.label, 'NetGear demo')
      assert.notEqual(keyOf(flows), keyOf(saved))
    } finally {
      await anew.stop()
    }
  })
})

describe('NETGEAR_DEMO_SOURCE', () => {
  test('shows a video file through ffmpeg', needs('ffmpeg'), async () => {
    mkdirSync(join(folder, 'my videos'))
    const file = join(folder, 'my videos', 'red.mp4')
    const input = ['-f', 'lavfi', '-i', 'color=red:size=320x180:rate=15:duration=2']
    execFileSync('ffmpeg', ['-loglevel', 'error', ...input, '-pix_fmt', 'yuv420p', file])
    const demo = await RunningDemo.start(join(folder, 'video'), [], { NETGEAR_DEMO_SOURCE: 'my videos/red.mp4' })
    try {
      const [picture] = await readPictures(`${demo.editor}live.mjpeg`, 1)
      const { width, height } = readJpegHeader(picture as Buffer)
      assert.deepEqual([width, height], [640, 360])
    } finally {
      await demo.stop()
    }
  })

  test('says what is missing: ffmpeg', async () => {
    const { code, output } = await failingDemo(join(folder, 'no-ffmpeg'), {
      NETGEAR_DEMO_SOURCE: '/dev/video0',
      PATH: folder,
    })
    assert.equal(code, 1)
    assert.match(output, /needs ffmpeg, .*apt-get install ffmpeg/)
  })

  test('says what is missing: the file', needs('ffmpeg'), async () => {
    const { code, output } = await failingDemo(join(folder, 'no-file'), { NETGEAR_DEMO_SOURCE: 'holiday.mp4' })
    assert.equal(code, 1)
    assert.match(output, /there is no .*holiday\.mp4/)
  })
})

test('the search for a secret key would find one', () => {
  const { publicKey, secretKey } = generateKeyPair()
  assert.ok(holdsSecretOf(publicKey, `{"secretKey":"${secretKey}"}`))
})

function holdsSecretOf(publicKey: string, text: string): boolean {
  for (const [run] of text.matchAll(/[0-9a-zA-Z.:+=^!/*?&<>()[\]{}@%$#-]{40,}/g)) {
    for (let at = 0; at + 40 <= run.length; at++) {
      if (isSecretOf(publicKey, run.slice(at, at + 40))) return true
    }
  }
  return false
}

function isSecretOf(publicKey: string, text: string): boolean {
  try {
    return publicKeyOf(text) === publicKey
  } catch {
    return false
  }
}

function filesIn(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name !== 'node_modules')
  return names.flatMap((name) => {
    const path = join(directory, name)
    return statSync(path).isDirectory() ? filesIn(path) : [path]
  })
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
