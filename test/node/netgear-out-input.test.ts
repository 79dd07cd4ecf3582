import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import sharp from 'sharp'
import { freePort } from '../free-port'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'

afterEach(() => helper.unload())

async function start(options: object): Promise<FlowRuntime> {
  const port = String(await freePort())
  const runtime = await FlowRuntime.start([
    netgearIn({ port, pattern: 'pair' }),
    netgearOut({ port, pattern: 'pair', queue: 10, name: 'cam', events: true, wires: [['events']], ...options }),
  ])
  await runtime.connected('cam')
  return runtime
}

const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer()

test('a property within one that a message does not have is absent, and no error', async () => {
  const runtime = await start({ frame: 'image.data', data: 'meta.info' })
  runtime.send({ image: { data: await picture } })
  runtime.send({ image: { data: await picture }, meta: { info: 7 } })
  await runtime.got.count(2)
  assert.deepEqual(
    runtime.got.all.map(({ data }) => data),
    [undefined, 7],
  )
  runtime.send({ complete: true })
  await runtime.got.first(({ complete }) => complete === true)
  assert.deepEqual(runtime.caught.all, [])
})

test('a quality that is no whole number, as an environment variable may give it, is rounded', async () => {
  const runtime = await start({ quality: '90.5' })
  runtime.send({ payload: Buffer.alloc(16 * 16 * 3), width: 16, height: 16, channels: 3 })
  await runtime.got.first(() => true)
  assert.deepEqual(runtime.caught.all, [])
})

test('a path that is none is told', async () => {
  const runtime = await start({ frame: 'payload[' })
  runtime.send({ payload: await picture })
  const { error } = await runtime.caught.first(() => true)
  assert.match(error?.message ?? '', /Invalid property expression/)
})

for (const [what, payload] of [
  ['nothing', undefined],
  ['an empty Buffer', Buffer.alloc(0)],
  ['an empty array', []],
] as const) {
  test(`msg.complete with ${what} for a picture ends the stream`, async () => {
    const runtime = await start({})
    runtime.send({ payload: await picture })
    runtime.send({ payload, complete: true })
    await runtime.got.first(({ complete }) => complete === true)
    assert.equal(runtime.got.all.length, 2)
  })
}
