import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import sharp from 'sharp'
import { freePort } from '../free-port'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'

afterEach(() => helper.unload())

function redJpeg(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()
}

test('frames that maxFps lets go before the link are counted and told', async () => {
  const port = String(await freePort())
  const runtime = await FlowRuntime.start([
    netgearIn({ port, pattern: 'reqrep' }),
    netgearOut({ port, pattern: 'reqrep', maxFps: 1, name: 'cam', events: true, wires: [['events']] }),
  ])
  await runtime.connected('cam')
  const picture = await redJpeg(16, 16)
  for (let n = 0; n < 10; n += 1) runtime.send({ payload: picture })
  const dropped = await runtime.event('dropped', 'cam')
  assert.equal((dropped.payload as { port: number }).port, Number(port))
  const { payload } = await runtime.event('stats', 'cam')
  // the first goes at once, the newest after a second
  assert.equal((payload as { frames: number }).frames, 2)
  assert.equal((payload as { dropped: number }).dropped, 8)
})

test('frames that a busy decoder lets go after the link are counted and told', async () => {
  const port = String(await freePort())
  const runtime = await FlowRuntime.start([
    // lock-step, so that nothing can pile up and be dropped in the link itself
    netgearIn({ port, pattern: 'reqrep', output: 'raw', name: 'hub', events: true, wires: [['got'], ['events']] }),
    netgearOut({ port, pattern: 'reqrep', name: 'cam', events: true, wires: [['events']] }),
  ])
  await Promise.all([runtime.connected('hub'), runtime.connected('cam')])
  const picture = await redJpeg(2400, 1800)
  runtime.send({ payload: Array.from({ length: 40 }, () => picture) })
  const { payload } = await runtime.event('dropped', 'hub')
  assert.ok((payload as { count: number }).count >= 1)
})

test('why nothing can be sent is told once, not with every frame of a camera', async () => {
  const runtime = await FlowRuntime.start([netgearOut({ port: String(await freePort()), keys: '', name: 'cam' })])
  const picture = await redJpeg(16, 16)
  const before = runtime.caught.all.length
  for (let n = 0; n < 10; n += 1) runtime.send({ payload: picture })
  await runtime.completed.count(9)
  const told = runtime.caught.all.slice(before)
  assert.equal(told.length, 1)
  assert.match(told[0]?.error?.message ?? '', /IronHouse needs keys/)
})

test('a frame that comes while the flow stops is no error', async () => {
  const runtime = await FlowRuntime.start([netgearOut({ port: String(await freePort()), name: 'cam' })])
  const picture = await redJpeg(16, 16)
  const out = runtime.node('out')
  const closed = out.close(false)
  // Its link is gone at once; the node still takes messages until its socket is closed.
  await Promise.resolve().then(() => undefined)
  out.receive({ payload: picture })
  await Promise.all([closed, runtime.completed.count(1)])
})
