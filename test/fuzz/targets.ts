import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { formatSecretCertificate, parseCertificate } from '../../lib/keys/certificate'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { parseTrustList } from '../../lib/keys/trust-list'
import { parsePorts } from '../../lib/link/endpoint'
import { readLinkLimits } from '../../lib/link/limits'
import { openEnvelope } from '../../lib/link/receiving-socket'
import { openAnswer, Subscriptions } from '../../lib/link/sending-socket'
import { parseSshAddress } from '../../lib/link/ssh-tunnel'
import { decodeJpeg, encodeJpeg, toPixels } from '../../lib/video/codec'
import { identifyPictures } from '../../lib/video/identify'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import { MjpegSplitter } from '../../lib/video/mjpeg-splitter'
import { isWholeJpeg, looksLikeStreamChunk } from '../../lib/video/whole-jpeg'
import { decodeAnswer } from '../../lib/wire/answer'
import { parsePythonJson, toJson } from '../../lib/wire/json'
import { decodeMessage } from '../../lib/wire/message'
import type { LinkOptions } from '../../nodes/link-options'
import { booleanSetting, choiceSetting, linkSettings, numberSetting } from '../../nodes/link-settings'
import { cmykJpeg } from '../fixtures/video/cmyk'
import type { Dice } from './mutate'

const DECODED_PIXELS = 1_000_000

/** Something that takes what comes from outside. It may refuse it with a `NetgearError`; anything else thrown is a finding. */
export interface Target {
  name: string
  seeds: readonly Buffer[]
  take(bytes: Buffer, dice: Dice): void | Promise<void>
}

/** Everything that reads bytes, texts or settings from outside. */
export async function fuzzTargets(): Promise<Target[]> {
  const file = join(__dirname, '../fixtures/netgear/messages.json')
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: { kind: string; parts: string[] }[] }
  const partsOf = (kind: (kind: string) => boolean) =>
    cases
      .filter((captured) => kind(captured.kind))
      .flatMap(({ parts }) => parts.map((part) => Buffer.from(part, 'base64')))
  const jpeg = await encodeJpeg(
    { kind: 'raw', data: Buffer.alloc(16 * 8 * 3, 77), width: 16, height: 8, channels: 3, order: 'BGR' },
    80,
  )
  const small = sharp({ create: { width: 16, height: 8, channels: 3, background: '#c82' } })
  const progressive = await small.clone().jpeg({ progressive: true }).toBuffer()
  const files = await Promise.all(
    (['png', 'webp', 'gif', 'tiff'] as const).map((format) => small.toFormat(format).toBuffer()),
  )
  const messages = partsOf((kind) => kind !== 'answer')
  const answers = partsOf((kind) => kind === 'answer')
  const texts = ['5555,5556', 'cam@yard:22', '{"a": [1, NaN, 12345678901234567890, "\\u00e9"]}'].map((text) =>
    Buffer.from(text),
  )
  const split = (bytes: Buffer, dice: Dice) => {
    const parts: Buffer[] = []
    for (let at = 0; at < bytes.length && parts.length < 5; ) {
      const length = dice.below(bytes.length - at) + 1
      parts.push(bytes.subarray(at, at + length))
      at += length
    }
    return parts
  }
  return [
    {
      name: 'a message',
      seeds: messages,
      take: (bytes, dice) => void decodeMessage([bytes, dice.pick([jpeg, bytes, Buffer.alloc(6)])]),
    },
    { name: 'a message in odd parts', seeds: messages, take: (bytes, dice) => void decodeMessage(split(bytes, dice)) },
    {
      name: 'an answer',
      seeds: answers,
      take: (bytes, dice) => void decodeAnswer(dice.pick([[bytes], [bytes, jpeg], split(bytes, dice)])),
    },
    {
      name: 'envelopes',
      seeds: messages,
      take: (bytes, dice) => {
        const parts = [...split(bytes, dice), Buffer.alloc(dice.below(2)), ...split(bytes, dice)]
        openEnvelope('reqrep', parts)
        openAnswer('reqrep', parts)
        new Subscriptions().take(parts)
      },
    },
    { name: 'JSON', seeds: [...messages, ...texts], take: (bytes) => void toJson(parsePythonJson(bytes.toString())) },
    {
      name: 'a JPEG',
      seeds: [jpeg],
      take: (bytes) => {
        isWholeJpeg(bytes)
        looksLikeStreamChunk(bytes)
        readJpegHeader(bytes)
      },
    },
    {
      name: 'a stream of JPEGs',
      seeds: [Buffer.concat([jpeg, jpeg]), jpeg],
      take: (bytes, dice) => {
        const splitter = new MjpegSplitter({ limit: 1000 })
        for (const chunk of split(bytes, dice)) for (const frame of splitter.push(chunk)) readJpegHeader(frame)
      },
    },
    {
      name: 'a picture in a flow',
      seeds: [jpeg, ...texts],
      take: (bytes, dice) => {
        const hints = {
          width: dice.below(40),
          height: dice.pick([8, -1, Number.NaN, '8']),
          channels: dice.below(5),
          netgear: { encoding: 'raw', dtype: bytes.toString('latin1', 0, 6) },
        }
        identifyPictures(
          dice.pick<unknown>([
            bytes,
            [bytes, jpeg],
            bytes.toString('base64'),
            bytes.toString(),
            { data: bytes, width: 4, height: 2 },
            { data: bytes, info: hints },
          ]),
          dice.pick([{}, hints]),
        )
      },
    },
    {
      name: 'a JPEG in the decoders',
      seeds: [jpeg, progressive, await cmykJpeg([10, 200, 30, 40])],
      take: async (bytes, dice) =>
        void (await decodeJpeg(bytes, dice.pick(['RGB', 'BGR', 'RGBA', 'GRAY']), { pixels: DECODED_PIXELS })),
    },
    {
      name: 'a picture file in its decoder',
      seeds: files,
      take: async (bytes) => {
        for (const picture of identifyPictures(bytes, {})) await toPixels(picture, 'BGR', { pixels: DECODED_PIXELS })
      },
    },
    {
      name: 'a certificate file',
      seeds: [Buffer.from(formatSecretCertificate(generateKeyPair(), new Date(0)))],
      take: (bytes) => void parseCertificate(bytes.toString()),
    },
    {
      name: 'settings',
      seeds: [...texts, Buffer.from(JSON.stringify([{ name: 'a', publicKey: generateKeyPair().publicKey }]))],
      take: (bytes, dice) => {
        const text = bytes.toString()
        dice.pick([() => parsePorts(text), () => parseSshAddress(text), () => parseTrustList(parsePythonJson(text))])()
      },
    },
    {
      name: 'the properties of a flow',
      seeds: [Buffer.from(JSON.stringify(FLOW_PROPERTIES))],
      take: (bytes, dice) => {
        const properties = randomProperties(bytes, dice)
        numberSetting('Max fps', properties.maxFps, 0, 0, 1000)
        booleanSetting(properties.bidirectional)
        choiceSetting('Output', properties.output, ['jpeg', 'raw', 'asis'])
        readLinkLimits(properties.limits)
        linkSettings(properties as unknown as LinkOptions, dice.pick(['sender', 'receiver']), undefined)
      },
    },
  ]
}

const FLOW_PROPERTIES = {
  security: 'grassland',
  pattern: 'pubsub',
  mode: 'bind',
  protocol: 'tcp',
  address: '*',
  port: '5555,5556',
  peer: '',
  maxFps: 0,
  bidirectional: false,
  output: 'jpeg',
  limits: { frameMegabytes: 64, connections: '128' },
}

/** A flow's properties, one of them anything that JSON can hold; or, where the damaged bytes are JSON still, those. */
function randomProperties(bytes: Buffer, dice: Dice): Record<string, unknown> {
  const text = bytes.toString()
  const anything: unknown[] = [
    null,
    true,
    -1,
    text,
    '',
    `\${A}`,
    [],
    {},
    [[]],
    { toString: 1 },
    { valueOf: null, toString: null },
  ]
  const name = dice.pick(Object.keys(FLOW_PROPERTIES))
  const given = { ...FLOW_PROPERTIES, [name]: dice.pick(anything) }
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && dice.below(2) === 0 ? { ...parsed } : given
  } catch {
    return given
  }
}
