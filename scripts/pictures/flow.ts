import { generateKeyPair, type KeyPair } from '../../lib/keys/key-pair'
import type { Scene } from './scene'

type FlowNode = { id: string; type: string } & Record<string, unknown>

const NAMES = { yard: 'yard camera', gate: 'gate camera' }

/** Where the link of a scene's camera goes, and the video file that stands for the camera. */
export interface Camera {
  port: number
  video: string
}

/** The flow that the pictures show: two cameras, each with an IronHouse link to where it is watched, all in one Node-RED. */
export function picturedFlow(cameras: Record<Scene, Camera>): FlowNode[] {
  const [watching, yard, gate] = [generateKeyPair(), generateKeyPair(), generateKeyPair()]
  return [
    ...cameraTab('yard', cameras.yard),
    ...cameraTab('gate', cameras.gate),
    keysNode('watching', 'watching machine', watching, { [NAMES.yard]: yard, [NAMES.gate]: gate }),
    keysNode('yard', NAMES.yard, yard, { 'watching machine': watching }),
    keysNode('gate', NAMES.gate, gate, { 'watching machine': watching }),
  ]
}

function cameraTab(scene: Scene, { port, video }: Camera): FlowNode[] {
  const id = (name: string) => `${scene}-${name}`
  const node = (type: string, name: string, group: 'sends' | 'watches', x: number, y: number) => ({
    ...{ id: id(type), type, name, z: scene, g: id(group), x, y },
  })
  const area = (name: 'sends' | 'watches', label: string, colour: string, y: number, nodes: string[]) => ({
    ...{ id: id(name), type: 'group', z: scene, name: label, nodes: nodes.map(id), x: 34, y, w: 580, h: 142 },
    style: { label: true, color: '#3f4a4d', stroke: colour, fill: colour, 'fill-opacity': '0.35' },
  })
  const link = { security: 'ironhouse', pattern: 'pubsub', protocol: 'tcp', address: '127.0.0.1', port: String(port) }
  const ffmpeg = `ffmpeg -loglevel error -re -stream_loop -1 -f mjpeg -framerate 15 -i ${video} -c copy -f mjpeg -`
  return [
    { id: scene, type: 'tab', label: NAMES[scene] },
    area('sends', 'The machine with the camera', '#b7d7a8', 39, ['inject', 'exec', 'netgear-out']),
    area('watches', 'The machine that watches', '#a9c6e8', 219, ['netgear-in', 'websocket out', 'debug']),
    {
      ...node('inject', 'start', 'sends', 120, 100),
      ...{ props: [], repeat: '', crontab: '', once: true, onceDelay: 0.1, wires: [[id('exec')]] },
    },
    {
      ...node('exec', 'ffmpeg', 'sends', 270, 100),
      ...{ command: ffmpeg, useSpawn: 'true', addpay: '', wires: [[id('netgear-out')], [], []] },
    },
    {
      ...node('netgear-out', `netgear out ${scene}`, 'sends', 470, 100),
      ...{ ...link, keys: `${scene}-keys`, mode: 'connect', frame: 'payload', frameType: 'msg', wires: [] },
    },
    {
      ...node('netgear-in', `netgear in ${scene}`, 'watches', 130, 280),
      ...{ ...link, keys: 'watching-keys', mode: 'bind', output: 'jpeg', events: true, outputs: 2 },
      wires: [[id('websocket out')], [id('debug')]],
    },
    { ...node('websocket out', 'live page', 'watches', 470, 260), server: id('page'), client: '', wires: [] },
    { ...node('debug', 'link events', 'watches', 470, 320), active: false, tosidebar: true, complete: 'payload' },
    { id: id('page'), type: 'websocket-listener', path: `/${scene}`, wholemsg: 'false' },
  ]
}

function keysNode(id: string, name: string, own: KeyPair, peers: Record<string, KeyPair>): FlowNode {
  const trusted = Object.entries(peers).map(([name, { publicKey }]) => ({ name, publicKey }))
  const { publicKey, secretKey } = own
  const kept = { source: 'stored', directory: '', publicKey, trusted, credentials: { secretKey } }
  return { id: `${id}-keys`, type: 'netgear-keys', name, ...kept }
}
