import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { formulaPixels } from './formula'
import { type Settings, securedEnds, startReceiver, startSender } from './loopback'
import { PythonPeer } from './python'

const picture = { seed: 7, shape: [24, 32, 3] }

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('frames arrive whole', () => {
  for (const pattern of [0, 1, 2] as const) {
    for (const secure of [0, 1, 2] as const) {
      test(`pattern ${pattern}, secure ${secure}`, async (t) => {
        const ends = securedEnds(secure)
        const receiver = await startReceiver(t, pattern, ends.receiver)
        const sender = await startSender(t, pattern, receiver, ends.sender)
        const burst = sender.command('burst', { picture, count: pattern === 2 ? 500 : 5, fps: 100 })
        const message = await receiver.next('message')
        if (secure > 0) assert.equal((await receiver.next('zap')).key, ends.sender.publicKey)
        if (pattern === 2) await sender.command('stop', {})
        const summary = await burst

        const sentMessage = message.header?.message as { seed: number; index: number }
        assert.equal(sentMessage.seed, picture.seed + sentMessage.index)
        assert.equal(message.pixelsMatch, true)
        assert.equal(message.sha256, sha256(formulaPixels(sentMessage.seed, 24, 32, 3)))
        assert.equal(message.complaint, null)
        assert.deepEqual(summary.complaints, [])
        assert.equal(summary.answered, pattern === 2 ? 0 : 5)
        if (pattern === 2) assert.ok(summary.sent < 500, 'stop ended the burst')
        else await receiver.next('message', (event) => event.index === 4)
      })
    }
  }

  test('over ipc, with the sender bound', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'peer-'))
    t.after(() => rm(directory, { recursive: true }))
    const ipc: Settings = { protocol: 'ipc', address: join(directory, 'link'), port: 5555 }
    const ends = securedEnds(2)
    const sender = await PythonPeer.start(
      {
        role: 'sender',
        pattern: 0,
        mode: 'bind',
        ...ipc,
        ...ends.receiver,
        allowedKeys: [ends.sender.publicKey ?? ''],
      },
      t,
    )
    const receiver = await startReceiver(t, 0, { mode: 'connect', ...ipc, ...ends.sender })
    assert.deepEqual(receiver.endpoints, [`ipc://${directory}/link:5555`])
    const { answer } = await sender.command('send', { picture, message: { seed: 7 } })
    assert.match(Buffer.from(answer?.parts[0] ?? '', 'base64').toString(), /^Data received on device: [A-Z0-9]{8} !$/)
    assert.equal((await receiver.next('message')).pixelsMatch, true)
  })

  test('and what arrives otherwise is told from it', async (t) => {
    const receiver = await startReceiver(t, 1)
    const sender = await startSender(t, 1, receiver)
    await sender.command('send', { picture, message: { seed: 8 } })
    assert.equal((await receiver.next('message')).pixelsMatch, false)
    await sender.command('send', { picture, message: null })
    assert.equal((await receiver.next('message')).pixelsMatch, null)
    await sender.command('send', { picture: { seed: 3, shape: [4, 6], dtype: 'uint16' }, message: { seed: 3 } })
    const gray = await receiver.next('message')
    assert.equal(gray.pixelsMatch, true)
    assert.equal(gray.sha256, sha256(Buffer.from(Uint16Array.from(formulaPixels(3, 4, 6, 1)).buffer)))
  })
})

describe('the wire of NetGear', () => {
  test('headers are written as json.dumps does', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'peer-'))
    t.after(() => rm(directory, { recursive: true }))
    const jpeg = join(directory, 'a.jpg')
    await writeFile(jpeg, Buffer.from('ffd8ffd9', 'hex'))
    const receiver = await startReceiver(t, 1)
    const sender = await startSender(t, 1, receiver)
    await receiver.command('store', { directory })

    await sender.command('send', { picture: { jpeg }, message: null })
    const compressed = await receiver.next('message')
    assert.equal(
      compressed.headerText,
      '{"terminate_flag": false, "compression": {"dct": true, "ups": false, "colorspace": "BGR"}, "message": null, ' +
        '"pattern": "1", "dtype": "", "shape": ""}',
    )
    assert.equal((await readFile(compressed.storedAt ?? '')).toString('hex'), 'ffd8ffd9')

    await sender.command('send', { picture, messageJson: '{"a": NaN, "b": 12345678901234567890, "c": "\\u00e9"}' })
    const raw = await receiver.next('message')
    assert.equal(
      raw.headerText,
      '{"terminate_flag": false, "compression": false, "message": {"a": NaN, "b": 12345678901234567890, ' +
        '"c": "\\u00e9"}, "pattern": "1", "dtype": "uint8", "shape": [24, 32, 3]}',
    )
    assert.equal(raw.complaint, null)
  })

  test('bidirectional answers hold a value or a picture', async (t) => {
    const receiver = await startReceiver(t, 0, { bidirectional: true })
    const sender = await startSender(t, 0, receiver, { bidirectional: true })
    const answered = async () => {
      const { answer } = await sender.command('send', { picture })
      assert.equal(answer?.complaint, null)
      return answer.parts.map((part) => Buffer.from(part, 'base64'))
    }
    assert.equal(String(await answered()), '{"return_type": "NoneType", "data": null}')
    await receiver.command('setReturn', { value: { a: [1, 2.5, true] } })
    assert.equal(String(await answered()), '{"return_type": "dict", "data": {"a": [1, 2.5, true]}}')
    await receiver.command('setReturn', { picture: { seed: 9, shape: [4, 5, 3] } })
    const [header, pixels] = await answered()
    assert.equal(
      String(header),
      '{"return_type": "ndarray", "compression": false, "array_dtype": "uint8", "array_shape": [4, 5, 3], "data": null}',
    )
    assert.deepEqual(pixels, formulaPixels(9, 4, 5, 3))
  })

  test('multi-server: each sender ends by itself, and its port has to keep its type', async (t) => {
    const receiver = await startReceiver(t, 1, { port: [0, 0], multiServer: true, endsOnTermination: false })
    const [first, second] = receiver.ports
    assert.ok(first && second)
    const text = await startSender(t, 1, receiver, { port: String(first), multiServer: true })
    const number = await startSender(t, 1, receiver, { port: second, multiServer: true })
    await text.command('send', { picture, message: { seed: 7 } })
    await number.command('send', { picture, message: { seed: 7 } })
    assert.ok((await receiver.next('message')).headerText.startsWith(`{"port": "${first}", "terminate_flag": false`))
    assert.ok((await receiver.next('message')).headerText.startsWith(`{"port": ${second}, "terminate_flag": false`))
    const { answers } = await text.command('terminate', {})
    assert.equal(answers[0]?.parts[0], base64('Termination signal successfully received at client!'))
    const ended = await receiver.next('termination')
    assert.deepEqual([ended.header.port, ended.known, ended.allEnded], [String(first), true, false])
    await number.command('terminate', {})
    assert.equal((await receiver.next('termination')).allEnded, true)
  })

  test('multi-client: answers carry the port, frames go round in pattern 1', async (t) => {
    const receivers = [
      await startReceiver(t, 1, { multiClient: true }),
      await startReceiver(t, 1, { multiClient: true }),
    ]
    const [first, second] = receivers as [PythonPeer, PythonPeer]
    const ports = receivers.map((receiver) => receiver.ports[0] ?? 0)
    const sender = await startSender(t, 1, first, { port: ports, multiClient: true })
    await sender.next('handshake')
    await sender.next('handshake')
    const heard = []
    for (let frame = 0; frame < 4; frame++) {
      const { answer } = await sender.command('send', { picture })
      assert.equal(answer?.complaint, null)
      heard.push(answer.header?.port)
    }
    assert.deepEqual(heard.toSorted(), [ports[0], ports[0], ports[1], ports[1]].toSorted())
    assert.equal((await sender.command('terminate', {})).sent, 2)
    await first.next('termination')
    await second.next('termination')
  })

  test('the end of stream silences a receiver in pattern 1', async (t) => {
    const receiver = await startReceiver(t, 1)
    const sender = await startSender(t, 1, receiver, { requestTimeout: 0.5 })
    const { answers } = await sender.command('terminate', {})
    assert.equal(answers[0]?.parts[0], base64("Termination signal successfully received at Client's end!"))
    assert.equal((await receiver.next('termination')).allEnded, true)
    assert.equal((await sender.command('send', { picture })).answer, null)
  })
})
