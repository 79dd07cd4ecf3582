import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair, type KeyPair } from '../../../lib/keys/key-pair'
import { openSender, secured } from '../../links'
import type { Pipeline } from '../pipeline'
import { monotonicMs } from '../python-end'
import type { Fault } from './fault'

const REFUSED_WITHIN_MS = 3000
// Key directories are looked at twice a second.
const SEEN_MS = 1200

const connectingEnd: Fault = {
  name: "rotate the keys of A's end",
  async run(pipeline) {
    const { middle } = pipeline
    const old = middle.connecting
    const fresh = generateKeyPair()
    middle.trusted = { a: old.publicKey, 'a new': fresh.publicKey }
    await pipeline.deploy('b')
    middle.connecting = fresh
    await pipeline.deploy('a')
    middle.trusted = { a: fresh.publicKey }
    await pipeline.deploy('b')
    middle.former = old
    return undefined
  },
  async afterwards(pipeline) {
    const { former, waiting } = pipeline.middle
    return former ? refusalOf(former, waiting.publicKey, pipeline) : []
  },
}

const waitingEnd: Fault = {
  name: "rotate the keys of B's end",
  async run(pipeline) {
    const { middle } = pipeline
    middle.waiting = generateKeyPair()
    await pipeline.deploy('b')
    middle.wanted = middle.waiting.publicKey
    await pipeline.deploy('a')
    return undefined
  },
}

/** Whoever comes with this pair must be turned away, by whoever waits with that public key. */
async function refusalOf(pair: KeyPair, waiting: string, pipeline: Pipeline): Promise<string[]> {
  const { address, port } = pipeline.middleEndpoint
  const { end, events } = openSender({
    pattern: pipeline.middlePattern,
    mode: 'connect',
    protocol: 'tcp',
    address,
    ports: [port],
    security: secured('ironhouse', pair, { b: waiting }),
  })
  const verdict = await Promise.race([
    events.first(({ event }) => event === 'refused' || event === 'connected').then(({ event }) => event),
    delay(REFUSED_WITHIN_MS, 'nothing'),
  ]).catch(() => 'nothing')
  await end.close()
  return verdict === 'refused' ? [] : [`the key that was taken off the list got "${verdict}" and not "refused"`]
}

const rewritten: Fault = {
  name: 'write the files of the key directory again',
  async run({ door }) {
    door.rewrite()
    await delay(SEEN_MS)
    return undefined
  },
}

const more: Fault = {
  name: 'add a key to the key directory and take it away',
  async run({ door }) {
    door.trust('robot', generateKeyPair().publicKey)
    await delay(SEEN_MS)
    door.distrust('robot')
    await delay(SEEN_MS)
    return undefined
  },
}

/** Nothing may come through while `shut`, from a little later on until `open`. */
function shutOut(name: string, shut: (pipeline: Pipeline) => void): Fault {
  return {
    name,
    async run(pipeline) {
      shut(pipeline)
      await delay(SEEN_MS)
      const shutAt = monotonicMs()
      await delay(1000)
      const leaked = pipeline.arrivals.lastAt > shutAt
      pipeline.door.trust('camera', pipeline.door.sender.publicKey)
      await delay(SEEN_MS)
      return leaked ? ['frames came through while the sender was not trusted'] : []
    },
  }
}

const distrusted = shutOut("take the sender's key out of the key directory, and put it back", ({ door }) =>
  door.distrust('camera'),
)

const halfWritten = shutOut("leave half of the sender's key in the key directory, then all of it", ({ door }) =>
  door.truncate('camera'),
)

export const KEY_FAULTS: Fault[] = [connectingEnd, waitingEnd, rewritten, more, distrusted, halfWritten]
