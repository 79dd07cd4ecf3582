import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import sharp from 'sharp'
import { formatPublicCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { DEFAULT_LINK_LIMITS } from '../../lib/link/limits'
import type { Returned } from '../../lib/link/returned'
import { useJpegCodec } from '../../lib/video/codec'
import { JsonText } from '../../lib/wire/json'
import { ReturnChannel } from '../../nodes/netgear-in/return-channel'
import { freePort } from '../free-port'
import { Gathered } from '../links'
import { FlowRuntime, type FrameMessage, helper, netgearIn, netgearOut } from './flow-runtime'

const create = { width: 64, height: 48, channels: 3, background: 'red' } as const

/** A return channel, what its receiver was told to return, and how each message by its name ended. */
function returning({ problem = () => undefined as Error | undefined, frameMegabytes = 64 } = {}) {
  const returned = new Gathered<Returned | undefined>()
  const done = new Gathered<{ name: string; code: unknown }>()
  const channel = new ReturnChannel(problem)
  const limits = { ...DEFAULT_LINK_LIMITS, frameMegabytes }
  channel.use({ answerWith: (value) => returned.add(value) }, limits)
  returned.all.length = 0
  const take = (name: string, payload: unknown, hints: object = {}) =>
    channel.take({ payload, ...hints }, (error) => done.add({ name, code: error && 'code' in error && error.code }))
  return { channel, limits, returned, done, take }
}

describe('the return channel of netgear-in', () => {
  afterEach(() => useJpegCodec())

  test('returns the newest value, though an older one takes longer to encode', async () => {
    const { channel, returned, done, take } = returning()
    take('older', await sharp({ create }).png().toBuffer())
    take('newer', 'NEWER')
    await done.count(2)
    assert.deepEqual(returned.all.at(-1), { data: JsonText.of('NEWER') })
    assert.deepEqual(done.all, [
      { name: 'older', code: undefined },
      { name: 'newer', code: undefined },
    ])
    channel.close()
  })

  test('encodes one picture at a time while one waits; each message is done once, also when the node closes', async () => {
    const { channel, done, take } = returning()
    const finish: (() => void)[] = []
    useJpegCodec({
      name: 'sharp',
      encode: () => new Promise((resolve) => finish.push(() => resolve(Buffer.from('jpeg')))),
      decode: () => assert.fail(),
    })
    for (let n = 0; n < 10; n += 1) take(String(n), Buffer.alloc(3), { width: 1, height: 1, channels: 3 })
    assert.deepEqual(
      done.all.map(({ name }) => name),
      ['1', '2', '3', '4', '5', '6', '7', '8'],
    )
    assert.equal(finish.length, 1)
    finish[0]?.()
    await done.count(9)
    assert.equal(done.all[8]?.name, '0')
    assert.equal(finish.length, 2)
    channel.close()
    assert.deepEqual(done.all.slice(9), [{ name: '9', code: undefined }])
    take('after', 1)
    assert.equal(done.all.length, 11)
  })

  test('refuses what is too large, and goes on with what it had', async () => {
    const { channel, returned, done, take } = returning({ frameMegabytes: 0.01 })
    take('fits', 'x'.repeat(512 * 1024 - 2))
    await done.count(1)
    take('data', 'x'.repeat(512 * 1024 - 1))
    const noise = { type: 'gaussian', mean: 128, sigma: 90 } as const
    take(
      'picture',
      await sharp({ create: { ...create, width: 200, height: 200, noise } })
        .jpeg()
        .toBuffer(),
    )
    take('no picture', Buffer.from('hello'))
    await done.count(4)
    assert.equal(returned.all.length, 1)
    assert.deepEqual(
      new Map(done.all.map(({ name, code }) => [name, code])),
      new Map<string, unknown>([
        ['fits', undefined],
        ['data', 'NETGEAR_DATA_TOO_LARGE'],
        ['no picture', 'NETGEAR_NOT_A_PICTURE'],
        ['picture', 'NETGEAR_FRAME_TOO_LARGE'],
      ]),
    )
    channel.close()
  })

  test('tells the problem where there is no link, and then keeps nothing', async () => {
    let problem: Error | undefined = Object.assign(new Error('no keys'), { code: 'NETGEAR_NO_KEYS' })
    const { channel, limits, returned, done, take } = returning({ problem: () => problem })
    take('lost', 1)
    await done.count(1)
    assert.equal(done.all[0]?.code, 'NETGEAR_NO_KEYS')
    problem = undefined
    take('kept', 2)
    await done.count(2)
    channel.use({ answerWith: (value) => returned.add(value) }, limits)
    assert.deepEqual(returned.all, [{ data: JsonText.of(2) }, { data: JsonText.of(2) }])
    channel.close()
  })
})

test('what was set is still returned after the keys have changed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'netgear-return-'))
  t.after(async () => {
    await helper.unload()
    rmSync(folder, { recursive: true })
  })
  const keys = join(folder, '.vidgear', 'keys')
  ensureKeyDirectory(keys)
  const port = String(await freePort())
  const ends = { port, keys: 'files', pattern: 'reqrep', bidirectional: true, events: true }
  const runtime = await FlowRuntime.start([
    { id: 'files', type: 'netgear-keys', source: 'directory', directory: folder },
    netgearIn({ ...ends, name: 'hub', wires: [['got'], ['events']] }),
    netgearOut({ ...ends, name: 'cam', peer: 'server', wires: [['returned'], ['events']] }),
  ])
  await runtime.connected('cam')
  runtime.send({ payload: { pan: 1 } }, 'in')
  await runtime.completed.count(1)
  const again = (name: string, event: string) =>
    runtime.events.next(
      ({ topic, payload }: FrameMessage) => topic === name && (payload as { event?: string }).event === event,
    )
  const reopened = Promise.all([again('hub', 'listening'), again('cam', 'connected')])
  writeFileSync(join(keys, 'new'), formatPublicCertificate(generateKeyPair().publicKey, new Date()))
  renameSync(join(keys, 'new'), join(keys, 'public_keys', 'porch.key'))
  await reopened
  runtime.send({ payload: await sharp({ create }).jpeg().toBuffer() })
  assert.deepEqual((await runtime.returned.first(() => true)).payload, { pan: 1 })
})
