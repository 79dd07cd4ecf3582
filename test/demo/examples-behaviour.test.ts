import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fingerprint, type KeyPair, openReceiver, openSender, type Receiver, type WireFrame } from '../../lib'
import { decodeJpeg, encodeJpeg } from '../../lib/video/codec'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import { MjpegSplitter } from '../../lib/video/mjpeg-splitter'
import { isWholeJpeg } from '../../lib/video/whole-jpeg'
import { needs } from '../requirements'
import { EXAMPLE_NAMES, example, nodeNamed, withKeys, withOwnPorts } from './example-flows'
import { readPictures } from './mjpeg'
import { type FlowNode, RunningDemo } from './running-demo'

type Colour = readonly [red: number, green: number, blue: number]

const LIMIT = { timeout: 30_000 }
/** The backgrounds of the six simulated cameras. */
const SIX_COLOURS: readonly Colour[] = [
  [110, 40, 50],
  [40, 90, 60],
  [40, 60, 120],
  [110, 80, 30],
  [80, 40, 110],
  [20, 115, 105],
]

function sizeOf(jpeg: Buffer): [width: number, height: number] {
  const { width, height } = readJpegHeader(jpeg)
  return [width, height]
}

/** How many pixels of a picture have about that colour. */
async function pixelsOf(jpeg: Buffer, colour: Colour): Promise<number> {
  const { data } = await decodeJpeg(jpeg, 'RGB')
  let count = 0
  for (let at = 0; at < data.length; at += 3) {
    if (colour.every((value, channel) => Math.abs((data[at + channel] ?? 0) - value) < 30)) count++
  }
  return count
}

/** Resolves with the path of the first file in a folder that may still have to be made, when its last byte is there. */
async function firstFileIn(parent: string, folder: string): Promise<string> {
  const path = join(parent, folder)
  if (!existsSync(path)) await appearance(parent, () => existsSync(path))
  const complete = () => readdirSync(path).find((name) => isWholeJpeg(readFileSync(join(path, name))))
  if (!complete()) await appearance(path, () => complete() !== undefined)
  return join(path, complete() as string)
}

function appearance(directory: string, isThere: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(directory, check)
    watcher.on('error', reject)
    check()
    function check() {
      if (!isThere()) return
      watcher.close()
      resolve()
    }
  })
}

describe('the examples in Node-RED', () => {
  let folder: string
  let demo: RunningDemo
  let flow: FlowNode[]
  let pairs: Map<string, KeyPair>

  /** All ten side by side, as their comments say: each keys node opened once. */
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netgear-examples-'))
    demo = await RunningDemo.start(join(folder, 'user'))
    const imported = EXAMPLE_NAMES.flatMap((_, index) => example(index + 1))
    ;({ flow, pairs } = withKeys(await withOwnPorts(imported)))
    const camera = nodeIn(2, 'ffmpeg')
    camera.command = String(camera.command).replace(/-f v4l2 .* -i \S+/, '-re -f lavfi -i testsrc2=size=64x48:rate=15')
    nodeIn(10, 'nothing for 5 seconds?').duration = '1'
    await demo.deploy(flow)
  })

  after(async () => {
    await demo?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A node of the example with that number, as it was deployed. */
  const nodeIn = (number: number, name: string) => {
    const ids = new Set(example(number).map(({ id }) => id))
    return nodeNamed(
      flow.filter(({ id }) => ids.has(id)),
      name,
    )
  }

  const press = (number: number, name: string) => demo.press(nodeIn(number, name).id)

  /** How the other end of an example's link reaches it: as if it had the same keys. */
  const otherEndOf = ({ port, keys }: FlowNode) => {
    const own = pairs.get(String(flow.find(({ id }) => id === keys)?.name))
    assert.ok(own)
    const security = { level: 'ironhouse', keyring: { own, trusted: [] } } as const
    return { security, address: '127.0.0.1', port: String(port) }
  }

  /** The first frame that a node sends to a receiver of the library. */
  const firstFrameOf = async (sender: FlowNode): Promise<WireFrame> => {
    const link = otherEndOf(sender)
    let receiver: Receiver | undefined
    const frame = await new Promise<WireFrame>((resolve) => {
      receiver = openReceiver({ ...link, onFrame: resolve })
    })
    await receiver?.close()
    return frame
  }

  /** A page's picture, asked for until it is as it should be. */
  const pictureAt = async (path: string, isRight: (jpeg: Buffer) => Promise<boolean> | boolean = () => true) => {
    for (;;) {
      const answer = await fetch(`${demo.editor}${path}`)
      const jpeg = Buffer.from(await answer.arrayBuffer())
      if (answer.ok && jpeg.length > 0 && (await isRight(jpeg))) return jpeg
      await delay(50)
    }
  }

  test('take no nodes but the core ones and ours', async () => {
    const response = await fetch(`${demo.editor}nodes`, { headers: { accept: 'application/json' } })
    const sets = (await response.json()) as { types: string[]; module: string }[]
    const allowed = sets.filter(({ module }) => module === 'node-red' || module === '@ironhouse/node-red-netgear')
    const known = new Set(['tab', 'group', ...allowed.flatMap(({ types }) => types)])
    assert.deepEqual(
      flow.map(({ type }) => type).filter((type) => !known.has(type)),
      [],
    )
  })

  test('01 shows its test picture on its page', LIMIT, async () => {
    assert.match(await (await demo.page('secure-loop')).text(), /<img src="secure-loop\.mjpeg"/)
    const [first, second] = await readPictures(`${demo.editor}secure-loop.mjpeg`, 2)
    assert.ok(first && second && !first.equals(second))
    assert.deepEqual(sizeOf(first), [320, 240])
  })

  test('02 sends what the camera program gives', { ...LIMIT, ...needs('ffmpeg') }, async () => {
    await press(2, 'USB camera')
    const { body } = await firstFrameOf(nodeIn(2, 'camera'))
    assert.deepEqual(sizeOf(body), [64, 48])
    await press(2, 'stop')
  })

  test('03 shows what a Python program sends', LIMIT, async () => {
    const pixels = {
      kind: 'raw',
      data: Buffer.alloc(300, 90),
      width: 10,
      height: 10,
      channels: 3,
      order: 'RGB',
    } as const
    const body = await encodeJpeg(pixels, 90)
    const sender = openSender(otherEndOf(nodeIn(3, 'from Python')))
    const sending = setInterval(() => sender.send({ encoding: 'jpeg', body }), 50)
    assert.deepEqual(await pictureAt('python.jpg'), body)
    clearInterval(sending)
    await sender.close()
  })

  test('04 sends pictures with the time to a Python program', LIMIT, async () => {
    const { body, data } = await firstFrameOf(nodeIn(4, 'to Python'))
    assert.deepEqual(sizeOf(body), [320, 240])
    const { sent } = data as { sent: string }
    assert.ok(Math.abs(Date.parse(sent) - Date.now()) < 5000)
  })

  test('05 shows six cameras on its page, and in one picture of three by two', LIMIT, async () => {
    const page = await (await demo.page('six-cameras')).text()
    const paths = [...page.matchAll(/data-picture="(six-cameras\/picture\/\d+)"/g)].map(([, path]) => String(path))
    const pictures = await Promise.all(paths.map((path) => pictureAt(path)))
    assert.equal(new Set(pictures.map((jpeg) => jpeg.toString('latin1'))).size, 6)
    for (const jpeg of pictures) assert.deepEqual(sizeOf(jpeg), [320, 180])
    const everywhere = async (jpeg: Buffer) => {
      const counts = await Promise.all(SIX_COLOURS.map((colour) => pixelsOf(jpeg, colour)))
      return counts.every((count) => count > 20_000)
    }
    assert.deepEqual(sizeOf(await pictureAt('six-cameras/picture/montage', everywhere)), [960, 360])
  })

  test('06 writes a snapshot when something moves, and at the press of its button', LIMIT, async () => {
    const file = await firstFileIn(folder, 'motion')
    assert.match(basename(file), /^\d{8}-\d{6}\.jpg$/)
    assert.deepEqual(sizeOf(readFileSync(file)), [320, 180])
    const before = readdirSync(join(folder, 'motion')).length
    await press(6, 'snapshot now')
    await appearance(join(folder, 'motion'), () => readdirSync(join(folder, 'motion')).length > before)
  })

  test('07 obeys the page and the buttons of the operator', LIMIT, async () => {
    const becomes = async (colour: Colour) => {
      for (;;) {
        const [picture] = await readPictures(`${demo.editor}remote-camera.mjpeg`, 1)
        if (picture && (await pixelsOf(picture, colour)) > 1000) return
      }
    }
    assert.match(await (await demo.page('remote-camera')).text(), /data-command/)
    await becomes([255, 200, 60])
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ colour: [230, 50, 40] })
    const answer = await fetch(`${demo.editor}remote-camera/command`, { method: 'POST', headers, body })
    assert.deepEqual(await answer.json(), { colour: [230, 50, 40] })
    await becomes([230, 50, 40])
    await press(7, 'blue')
    await becomes([70, 120, 255])
  })

  test('08 brings the camera to both receivers', LIMIT, async () => {
    assert.match(await (await demo.page('relay')).text(), /data-picture="relay\/picture\/one"/)
    for (const receiver of ['one', 'two']) {
      assert.deepEqual(sizeOf(await pictureAt(`relay/picture/${receiver}`)), [320, 180])
    }
  })

  test('09 writes the frames before an event to a file that plays', LIMIT, async () => {
    await press(9, 'something happened')
    const file = await firstFileIn(folder, 'events')
    assert.match(basename(file), /^\d{8}-\d{6}\.mjpeg$/)
    const film = readFileSync(file)
    assert.deepEqual([film.readUInt16BE(0), film.readUInt16BE(film.length - 2)], [0xffd8, 0xffd9])
    const frames = new MjpegSplitter().push(film)
    assert.ok(frames.length > 3)
    assert.equal(
      film.length,
      frames.reduce((sum, { length }) => sum + length, 0),
    )
  })

  /** Resolves when the page of alerts has these words. */
  const alerted = async (words: RegExp) => {
    while (!words.test(await (await demo.page('link-alerts')).text())) await delay(50)
  }

  test('10 tells of the stranger, and of a camera that falls silent', LIMIT, async () => {
    await alerted(/<td>refused<\/td><td>A peer knocked with the wrong key/)
    await press(10, 'camera off or on')
    await alerted(/<td>silent<\/td>/)
  })

  test('all of that made no errors', () => assert.doesNotMatch(demo.output, /error/i))

  test('05 goes on without a camera, and 10 tells of a stranger by its key', LIMIT, async () => {
    const watcher = pairs.get('watcher keys')?.publicKey
    const trusted = [{ name: 'watcher', publicKey: watcher }]
    const parts = [...example(5), ...example(10)].map(({ id }) => id)
    const changed = flow.map((node) => {
      if (node === nodeIn(5, 'camera 3')) return { ...node, d: true }
      return node.name === 'stranger keys' ? { ...node, trusted } : node
    })
    await demo.deploy(changed.filter(({ id }) => parts.includes(id)))
    const without = async (jpeg: Buffer) => {
      const counts = await Promise.all(SIX_COLOURS.map((colour) => pixelsOf(jpeg, colour)))
      return counts.every((count, camera) => (camera === 2 ? count < 1000 : count > 20_000))
    }
    await pictureAt('six-cameras/picture/montage', without)
    const path = (camera: string) => `${demo.editor}six-cameras/picture/${nodeIn(5, camera).port}`
    assert.equal((await fetch(path('camera 3'))).status, 404)
    assert.equal((await fetch(path('camera 4'))).status, 200)
    const stranger = pairs.get('stranger keys')
    assert.ok(stranger)
    await alerted(new RegExp(`<td>refused</td><td>.*${fingerprint(stranger.publicKey)}`))
  })
})
