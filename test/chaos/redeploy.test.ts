import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import sharp from 'sharp'
import { freePort } from '../free-port'
import { type Ends, jpegOf, matchingEnds, openReceiver, openSender, PATTERNS } from '../links'
import { FlowRuntime, helper, netgearIn, netgearOut } from '../node/flow-runtime'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const WARM_UP = 25
const MEGABYTE = 1024 ** 2

afterEach(() => helper.unload())

test('200 receivers and senders after each other on one port leave nothing behind', async () => {
  const port = await freePort()
  const cases: Ends[] = []
  for (const pattern of PATTERNS) {
    for (const binds of ['receiver', 'sender'] as const) {
      cases.push(await matchingEnds({ pattern, level: 'ironhouse', binds, port }))
    }
  }
  let before: Footprint | undefined
  for (let round = 0; round < WARM_UP + 200; round += 1) {
    if (round === WARM_UP) before = await footprint()
    const { receiver: receiving, sender: sending } = cases[round % cases.length] as Ends
    const receiver = openReceiver(receiving)
    const sender = openSender(sending)
    sender.end.send({ encoding: 'jpeg', body: jpegOf(100_000) })
    await receiver.frames.first(() => true)
    await Promise.all([receiver.end.close(), sender.end.close()])
    for (const { events } of [receiver, sender]) {
      assert.ok(!events.all.some(({ event }) => event === 'failed' || event === 'refused'), JSON.stringify(events.all))
    }
  }
  assertFlat(before, await footprint())
})

test('100 deploys of a flow with both nodes leave nothing behind, and every one carries a frame', async () => {
  const port = String(await freePort())
  const payload = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()
  const flow = (round: number) => {
    const pattern = PATTERNS[round % PATTERNS.length]
    const outBinds = round % 2 === 1
    return [
      netgearIn({ pattern, port, name: `${round}`, mode: outBinds ? 'connect' : 'bind' }),
      netgearOut({ pattern, port, name: `${round}`, mode: outBinds ? 'bind' : 'connect' }),
    ]
  }
  const runtime = await FlowRuntime.start(flow(0))
  let before: Footprint | undefined
  for (let round = 1; round < WARM_UP + 100; round += 1) {
    if (round === WARM_UP) before = await footprint()
    await runtime.deploy(flow(round), round % 5 === 0 ? 'full' : 'nodes')
    runtime.send({ payload, data: { round } })
    const { data } = await runtime.got.next()
    assert.deepEqual(data, { round })
  }
  assertFlat(before, await footprint())
  assert.deepEqual(runtime.caught.all, [])
})

interface Footprint {
  descriptors: number
  threads: number
  resident: number
}

async function footprint(): Promise<Footprint> {
  collectGarbage()
  // libzmq's threads close what is left of a socket after it is closed
  await delay(300)
  collectGarbage()
  const threads = /^Threads:\s*(\d+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: Number(threads),
    resident: process.memoryUsage().rss,
  }
}

function assertFlat(before: Footprint | undefined, after: Footprint): void {
  assert.ok(before)
  assert.ok(after.descriptors <= before.descriptors + 4, `${before.descriptors} to ${after.descriptors} descriptors`)
  assert.ok(after.threads <= before.threads + 2, `${before.threads} to ${after.threads} threads`)
  const growth = (after.resident - before.resident) / MEGABYTE
  assert.ok(growth < 60, `${growth.toFixed(0)} MiB more are in use`)
}
