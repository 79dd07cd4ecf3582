import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { freePort } from '../free-port'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'

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
