import { join } from 'node:path'
import { generateKeyPair } from '../lib/keys/key-pair'
import { freePort } from '../test/free-port'
import { selfSignedCertificate } from './certificate'
import { type CoreFlows, tcpFlows, webSocketFlows } from './core-flows'
import { type LinkSettings, NETGEAR_OUTPUT, queueFor, type Security, SINK, source } from './flows'
import { startNodeRed, type Workshop } from './node-red'
import { startRuntimes } from './pair-of-runtimes'
import { PROGRAMS, Program } from './program'
import type { RunningSubject } from './running-subject'

// As many as our receivers keep.
const RECEIVE_QUEUE = 2

/** One way to get frames from one process into another. */
export interface Subject {
  name: string
  /** Sends the next frame as soon as the last one has been taken, if asked for the rate 0. */
  selfPaced(settings: LinkSettings): boolean
  /** Costs CPU also while nothing is sent. */
  busyWhenIdle: boolean
  applies(settings: Pick<LinkSettings, 'encoding' | 'pattern' | 'security'>): boolean
  start(settings: LinkSettings, workshop: Workshop): Promise<RunningSubject>
}

const lockStep = ({ pattern }: LinkSettings) => pattern !== 'pubsub'

function startOwn(settings: LinkSettings, workshop: Workshop, out: object = {}): Promise<RunningSubject> {
  const { encoding, frames } = settings
  const queue = encoding === 'codec' ? 1 : queueFor(frames.bytes[encoding])
  return startRuntimes(settings, workshop, { in: { output: NETGEAR_OUTPUT[encoding] }, out: { queue, ...out } })
}

const ownNodes: Subject = {
  name: 'ours',
  selfPaced: () => false,
  busyWhenIdle: false,
  applies: () => true,
  start: (settings, workshop) => startOwn(settings, workshop),
}

/** What our sender can do at an unchanged receiver: two frames under way, one on the line while the other is encrypted or decrypted. */
const twoInFlight: Subject = {
  ...ownNodes,
  name: 'ours, window 2',
  applies: ({ pattern }) => pattern !== 'pubsub',
  start: (settings, workshop) => startOwn(settings, workshop, { window: 2 }),
}

const cameraOverPubsub = ({ encoding, pattern, security }: Pick<LinkSettings, 'encoding' | 'pattern' | 'security'>) =>
  encoding === 'jpeg' && pattern === 'pubsub' && security === 'ironhouse'

const bareZeromq: Subject = {
  name: 'zeromq',
  selfPaced: lockStep,
  busyWhenIdle: false,
  applies: ({ encoding }) => encoding !== 'codec',
  start: async ({ encoding, frames, pattern, security, port }) => {
    const kind = encoding === 'jpeg' ? 'jpeg' : 'raw'
    const queues = zeromqQueues(frames.bytes[kind])
    const { receiverCurve, senderCurve } = curveFor(security)
    const start = (role: string, curve: object | undefined) =>
      Program.forNode(join(PROGRAMS, 'zeromq-end.js'), [
        JSON.stringify({ role, pattern, port, folder: frames[kind], ...queues, curve }),
      ])
    return { receiver: start('receiver', receiverCurve), sender: start('sender', senderCurve) }
  },
}

/** What Node-RED itself adds: the same, but with a node at each end, in flows like ours. */
const zeromqNodes: Subject = {
  name: 'zeromq in nodes',
  selfPaced: () => false,
  busyWhenIdle: false,
  applies: cameraOverPubsub,
  start: async (settings, workshop) => {
    const { frames, security, port } = settings
    const { receiverCurve, senderCurve } = curveFor(security)
    const node = (id: string, rest: object) => ({
      ...{ ...SINK, id, type: `bench-zeromq-${id}`, port, ...zeromqQueues(frames.bytes.jpeg), ...rest },
    })
    const receiving = [node('in', { curve: receiverCurve, wires: [['sink']] }), SINK]
    return {
      receiver: await startNodeRed(workshop, { nodes: receiving }),
      sender: await startNodeRed(workshop, { nodes: [source(settings), node('out', { curve: senderCurve })] }),
    }
  },
}

function zeromqQueues(frameBytes: number) {
  return { sendQueue: Math.max(2, queueFor(frameBytes)), receiveQueue: RECEIVE_QUEUE }
}

function curveFor(security: Security) {
  if (security === 'grassland') return { receiverCurve: undefined, senderCurve: undefined }
  const [server, client] = [generateKeyPair(), generateKeyPair()]
  const { publicKey: curvePublicKey, secretKey: curveSecretKey } = client
  return {
    receiverCurve: { curveServer: true, curveSecretKey: server.secretKey },
    senderCurve: { curveServerKey: server.publicKey, curvePublicKey, curveSecretKey },
  }
}

export const netgearPython: Subject = {
  name: 'NetGear (Python)',
  // Its encoder holds back a publisher; without one it would spin, dropping most of what it sends.
  selfPaced: (settings) => lockStep(settings) || settings.encoding !== 'raw',
  busyWhenIdle: true,
  applies: () => true,
  start: async ({ encoding, frames, pattern, security, port, senderPort = port }) => {
    const { width, height, raw: folder } = frames
    const settings = { pattern, width, height, folder, compressed: encoding !== 'raw' }
    const [server, client] = [generateKeyPair(), generateKeyPair()]
    const own = (pair: { publicKey: string; secretKey: string }) => ({
      curve_publickey: pair.publicKey,
      curve_secretkey: pair.secretKey,
    })
    const encrypted = security !== 'grassland'
    const receiverCurve = encrypted ? { ...own(server), curve_server: true } : {}
    const senderCurve = encrypted ? { ...own(client), curve_serverkey: server.publicKey } : {}
    return {
      receiver: Program.forPython('netgear_end.py', { ...settings, port, role: 'receiver', curve: receiverCurve }),
      sender: Program.forPython('netgear_end.py', {
        ...settings,
        port: senderPort,
        role: 'sender',
        curve: senderCurve,
      }),
    }
  },
}

function coreSubject(name: string, flowsFor: CoreFlows): Subject {
  return {
    name,
    selfPaced: () => false,
    busyWhenIdle: false,
    applies: cameraOverPubsub,
    start: async (settings, workshop) => {
      const https = selfSignedCertificate(workshop.folder)
      const uiPort = await freePort()
      const { receiving, sending } = flowsFor(settings, https, uiPort)
      return {
        receiver: await startNodeRed(workshop, { nodes: [...receiving, SINK] }, { https, uiPort }),
        sender: await startNodeRed(workshop, { nodes: [...sending, source(settings, { form: 'prefixed' })] }),
      }
    },
  }
}

export const SUBJECTS: readonly Subject[] = [
  ownNodes,
  twoInFlight,
  bareZeromq,
  zeromqNodes,
  netgearPython,
  coreSubject('core websocket, TLS', webSocketFlows),
  coreSubject('core tcp, TLS', tcpFlows),
]
