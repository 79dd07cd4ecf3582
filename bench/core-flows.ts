import type { LinkSettings } from './flows'

interface TwoFlows {
  receiving: object[]
  sending: object[]
}

/** Makes the flows of one way; `uiPort` is the port of the receiving Node-RED's own web server. */
export type CoreFlows = (settings: LinkSettings, tls: { certificate: string; key: string }, uiPort: number) => TwoFlows

const ON_TAB = { z: 'tab', x: 100, y: 100 }
const NO_TLS_FILES = { cert: '', key: '', ca: '', certname: '', keyname: '', caname: '', alpnprotocol: '' }

/** What carries frames without us: the websocket nodes that come with Node-RED, over TLS. */
export const webSocketFlows: CoreFlows = (_settings, { certificate }, uiPort) => {
  const path = `wss://localhost:${uiPort}/frames`
  return {
    receiving: [
      { id: 'listener', type: 'websocket-listener', path: '/frames', wholemsg: 'false' },
      { ...ON_TAB, id: 'in', type: 'websocket in', server: 'listener', client: '', wires: [['sink']] },
    ],
    sending: [
      tlsClient(certificate),
      { id: 'client', type: 'websocket-client', path, tls: 'tls', wholemsg: 'false', hb: '0', subprotocol: '' },
      { ...ON_TAB, id: 'out', type: 'websocket out', server: '', client: 'client', wires: [] },
    ],
  }
}

/** The same by the tcp nodes, over TLS: a stream without frames, which a function node has to cut. */
export const tcpFlows: CoreFlows = ({ port }, { certificate, key }) => {
  const stream = { datamode: 'stream', datatype: 'buffer', newline: '', topic: '', trim: false, base64: false }
  return {
    receiving: [
      {
        id: 'tls',
        type: 'tls-config',
        ...NO_TLS_FILES,
        cert: certificate,
        key,
        servername: '',
        verifyservercert: false,
      },
      {
        ...ON_TAB,
        id: 'in',
        type: 'tcp in',
        server: 'server',
        host: '',
        port: String(port),
        ...stream,
        tls: 'tls',
        wires: [['cut']],
      },
      { ...ON_TAB, id: 'cut', type: 'function', func: CUT, outputs: 1, timeout: 0, noerr: 0, wires: [['sink']] },
    ],
    sending: [
      tlsClient(certificate),
      {
        ...ON_TAB,
        id: 'out',
        type: 'tcp out',
        host: 'localhost',
        port: String(port),
        beserver: 'client',
        base64: false,
        end: false,
        tls: 'tls',
        wires: [],
      },
    ],
  }
}

function tlsClient(ca: string): object {
  return { id: 'tls', type: 'tls-config', ...NO_TLS_FILES, ca, servername: 'localhost', verifyservercert: true }
}

/** Each frame begins with its length, 4 bytes, counted in. */
const CUT = `
const LENGTH_BYTES = 4
const state = context.get('state') ?? { chunks: [], bytes: 0 }
context.set('state', state)
state.chunks.push(msg.payload)
state.bytes += msg.payload.length
while (state.bytes >= LENGTH_BYTES) {
  if (state.chunks[0].length < LENGTH_BYTES) state.chunks = [Buffer.concat(state.chunks)]
  const wanted = state.chunks[0].readUInt32BE(0)
  if (state.bytes < wanted) return
  const all = Buffer.concat(state.chunks)
  state.chunks = all.length > wanted ? [all.subarray(wanted)] : []
  state.bytes -= wanted
  node.send({ payload: all.subarray(0, wanted) })
}`
