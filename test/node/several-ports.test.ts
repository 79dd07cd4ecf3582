import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import sharp from 'sharp'
import { freePort } from '../free-port'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'
import { get, jpeg } from './preview-flow'

afterEach(() => helper.unload())

test('a receiver on several ports says how many have a peer, and is green when all have', async () => {
  const ports = [await freePort(), await freePort()]
  const receiver = netgearIn({ port: ports.join(','), pattern: 'reqrep' })
  const camera = (at: number) => netgearOut({ id: `out${at}`, port: String(ports[at]), pattern: 'reqrep' })
  const runtime = await FlowRuntime.start([receiver, camera(0)])
  const statusOf = (text: RegExp) =>
    runtime.statuses.first(({ status }) => status?.source?.id === 'in' && text.test(status.text ?? ''))
  const one = await statusOf(/^IronHouse · 1\/2 · [\d.]+ fps/)
  assert.equal(one.status?.fill, 'yellow')
  await runtime.deploy([receiver, camera(0), camera(1)], 'nodes')
  const both = await statusOf(/^IronHouse · 2\/2 · [\d.]+ fps/)
  assert.equal(both.status?.fill, 'green')
})

test('the picture of each port can be looked at by itself', async () => {
  const ports = [await freePort(), await freePort()]
  const cameras = ports.map((port, at) =>
    netgearOut({ id: `out${at}`, port: String(port), name: `cam${at}`, events: true, wires: [['events']] }),
  )
  const runtime = await FlowRuntime.start([netgearIn({ port: ports.join(',') }), ...cameras])
  const widths = [64, 48]
  for (const [at, width] of widths.entries()) {
    await runtime.connected(`cam${at}`)
    runtime.send({ payload: await jpeg(width, 32) }, `out${at}`)
  }
  await runtime.got.count(2)
  for (const [at, width] of widths.entries()) {
    const { body } = await get(`preview/in?port=${ports[at]}`)
    assert.ok(Buffer.isBuffer(body))
    assert.equal((await sharp(body).metadata()).width, width)
  }
  for (const port of ['1', 'none']) assert.equal((await get(`preview/in?port=${port}`)).status, 204)
})
