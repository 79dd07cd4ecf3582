import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import type { NodeAPI } from 'node-red'
import sharp from 'sharp'
import { jpegCodec, useJpegCodec } from '../../lib/video/codec'
import { registerPreviewAdmin } from '../../nodes/preview/admin'
import { type LiveLink, liveLink, liveLinks } from '../../nodes/preview/live-link'
import { freePort } from '../free-port'
import { GuardedNodeRed } from '../trust/guarded-node-red'
import { FlowRuntime, helper, netgearIn } from './flow-runtime'
import { get, jpeg, pixels, RED_LEFT_BLUE_RIGHT, startLink } from './preview-flow'

let runtime: FlowRuntime
afterEach(async () => {
  await helper.unload()
})

async function assertColours(thumbnail: unknown, width: number, height: number): Promise<void> {
  assert.ok(Buffer.isBuffer(thumbnail))
  const { data, info } = await sharp(thumbnail).raw().toBuffer({ resolveWithObject: true })
  assert.deepEqual([info.format, info.width, info.height, info.channels], ['raw', width, height, 3])
  for (const [side, colour] of RED_LEFT_BLUE_RIGHT.entries()) {
    const x = Math.floor(width * (0.25 + 0.5 * side))
    const at = (Math.floor(height / 2) * width + x) * 3
    const seen = [...data.subarray(at, at + 3)]
    assert.ok(
      seen.every((value, channel) => Math.abs(value - (colour[channel] ?? 0)) < 30),
      `${seen} instead of ${colour}`,
    )
  }
}

/** Counts the raw frames that are made small while `work` runs, how many of them at once, and whether sharp did anything at all. */
async function conversionsDuring(work: () => Promise<void>) {
  const seen = { count: 0, atOnce: 0, sharpWorked: false }
  const codec = jpegCodec()
  let running = 0
  useJpegCodec({
    ...codec,
    async encode(picture, quality) {
      seen.count += 1
      running += 1
      seen.atOnce = Math.max(seen.atOnce, running)
      return codec.encode(picture, quality).finally(() => {
        running -= 1
      })
    },
  })
  const noteWork = () => {
    seen.sharpWorked = true
  }
  sharp.queue.on('change', noteWork)
  try {
    await work()
    return seen
  } finally {
    sharp.queue.off('change', noteWork)
    useJpegCodec()
  }
}

function showRaw(link: LiveLink | undefined, width = 640, height = 480): void {
  link?.showFrame({ encoding: 'raw', body: pixels(width, height), dtype: 'uint8', shape: [height, width, 3] })
}

describe('the preview of a link', () => {
  for (const [what, make, options] of [
    ['a JPEG', () => jpeg(640, 480), {}],
    ['a progressive JPEG', () => jpeg(640, 480, { progressive: true }), {}],
    ['raw pixels', () => jpeg(640, 480), { encoding: 'raw' }],
  ] as const) {
    test(`${what}: both ends show the frame, small, with its colours`, async () => {
      runtime = await startLink({ output: 'asis' }, options)
      runtime.send({ payload: await make() })
      await runtime.got.next()
      for (const id of ['in', 'out']) {
        const { status, headers, body } = await get(`preview/${id}`)
        assert.equal(status, 200)
        assert.equal(headers['content-type'], 'image/jpeg')
        assert.equal(headers['cache-control'], 'no-store')
        await assertColours(body, 320, 240)
      }
    })
  }

  test('a small frame is not enlarged, a gray one stays gray', async () => {
    runtime = await startLink({ output: 'asis' }, { encoding: 'raw' })
    runtime.send({ payload: Buffer.alloc(64 * 48, 77), width: 64, height: 48, channels: 1 })
    await runtime.got.next()
    const { data, info } = await sharp((await get('preview/in')).body as Buffer)
      .raw()
      .toBuffer({ resolveWithObject: true })
    assert.deepEqual([info.width, info.height], [64, 48])
    assert.ok(data.every((value) => Math.abs(value - 77) < 4))
  })

  test('without a frame there is no picture, nor of a node that does not run', async () => {
    runtime = await startLink()
    assert.equal((await get('preview/in')).status, 204)
    assert.equal((await get('preview/nobody')).status, 204)
    assert.deepEqual((await get('links?node=nobody')).body, [])
  })

  test('a frame that cannot be shown is refused in words', async () => {
    runtime = await startLink()
    liveLinks()[0]?.showFrame({ encoding: 'raw', body: Buffer.alloc(64), dtype: 'float32', shape: [4, 4] })
    const { status, body } = await get('preview/in')
    assert.equal(status, 422)
    assert.deepEqual(Object.keys(body as object), ['code', 'message'])
    assert.equal((body as { code: string }).code, 'NETGEAR_DEPTH')
  })

  test('nothing is converted while nobody looks, and one conversion serves all who look at a frame', async () => {
    runtime = await startLink()
    const picture = await jpeg(640, 480)
    const unseen = await conversionsDuring(async () => {
      for (let sent = 1; sent <= 20; sent += 1) {
        runtime.send({ payload: picture })
        await runtime.got.count(sent)
      }
      await get('links')
    })
    assert.deepEqual(unseen, { count: 0, atOnce: 0, sharpWorked: false })
    showRaw(liveLink('in'))
    const seen = await conversionsDuring(async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => get('preview/in')))
      assert.ok(answers.every(({ status }) => status === 200))
      await get('preview/in')
    })
    assert.deepEqual(seen, { count: 1, atOnce: 1, sharpWorked: true })
  })

  test('a stream is converted at most ten times per second for all ten who ask for it as often as they can', async () => {
    runtime = await startLink()
    let asked = 0
    const began = performance.now()
    const { count } = await conversionsDuring(async () => {
      const ask = async () => {
        while (performance.now() - began < 600) {
          showRaw(liveLink('in'), 64, 48)
          await get('preview/in')
          asked += 1
        }
      }
      await Promise.all(Array.from({ length: 10 }, ask))
    })
    assert.ok(asked > 20, `asked ${asked} times`)
    assert.ok(count >= 3 && count <= (performance.now() - began) / 100 + 1, `${count} conversions`)
  })

  test('ten links that are looked at are converted one after the other', async () => {
    const nodes: object[] = []
    for (let at = 0; at < 10; at += 1) nodes.push(netgearIn({ id: `in${at}`, port: String(await freePort()) }))
    runtime = await FlowRuntime.start(nodes)
    for (const link of liveLinks()) showRaw(link)
    const seen = await conversionsDuring(async () => {
      const answers = await Promise.all(liveLinks().map(({ editorId }) => get(`preview/${editorId}`)))
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    })
    assert.deepEqual(seen, { count: 10, atOnce: 1, sharpWorked: true })
  })

  test('a node that has stopped is not shown any more, and its frame is let go', async () => {
    runtime = await startLink()
    runtime.send({ payload: await jpeg(64, 48) })
    await runtime.got.next()
    const [link] = liveLinks()
    assert.ok(link?.newest)
    await runtime.deploy([])
    assert.equal(link.newest, undefined)
    assert.deepEqual((await get('links')).body, [])
    assert.equal((await get('preview/in')).status, 204)
  })
})

describe('who may look', () => {
  test('each endpoint needs the permission to read, and is there once', () => {
    const asked: [string, string][] = []
    const RED = {
      auth: { needsPermission: (permission: string) => permission },
      httpAdmin: { get: (path: string, permission: string) => asked.push([path, permission]) },
    } as unknown as NodeAPI
    registerPreviewAdmin(RED)
    registerPreviewAdmin(RED)
    assert.deepEqual(asked, [
      ['/netgear/links', 'netgear.read'],
      ['/netgear/preview/:node', 'netgear.read'],
      ['/netgear/addresses', 'netgear.read'],
      ['/netgear/program', 'netgear.read'],
    ])
  })

  test('in a Node-RED with users: nobody without a token, readers with one', async () => {
    const nodeRed = await GuardedNodeRed.start()
    try {
      for (const path of ['links', 'preview/in', 'addresses', 'program']) {
        assert.equal((await nodeRed.fetch(`netgear/${path}`, 'nobody')).status, 401, path)
        const forged = { headers: { authorization: 'Bearer made-up' } }
        assert.equal((await nodeRed.fetch(`netgear/${path}`, 'nobody', forged)).status, 401, path)
      }
      assert.deepEqual(await (await nodeRed.fetch('netgear/links', 'viewer')).json(), [])
      assert.equal((await nodeRed.fetch('netgear/preview/in', 'viewer')).status, 204)
    } finally {
      await nodeRed.stop()
    }
  })
})
