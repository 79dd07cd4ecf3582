// Floods a link from a process of its own: started by flood.ts.
import { connect, type Socket } from 'node:net'
import { constants, setPriority } from 'node:os'
import * as zmq from 'zeromq'
import type { ConnectionFlood, FloodSettings, HandshakeFlood, MessageFlood } from './flood'

const REOPEN_MS = 50
const TURN_MS = 1

let stop: () => void = () => undefined
process.once('disconnect', () => process.exit())
process.on('message', (message: FloodSettings | 'stop') => {
  stop()
  if (message === 'stop') process.send?.('stopped')
  else stop = begin(message)
})

function begin(settings: FloodSettings): () => void {
  if (settings.kind === 'connections') return floodWithConnections(settings)
  return settings.kind === 'handshakes' ? floodWithHandshakes(settings) : floodWithMessages(settings)
}

/** Opens so many connections, says the words on each, holds them, and opens those anew that are cut off. */
function floodWithConnections({ port, count, words }: ConnectionFlood): () => void {
  const bytes = Buffer.from(words, 'base64')
  const lines = new Set<Socket>()
  let opened = 0
  let stopped = false
  const open = () => {
    if (stopped) return
    const line = connect(port, '127.0.0.1', () => {
      line.resume()
      if (bytes.length > 0) line.write(bytes)
      opened += 1
      if (opened === count) process.send?.('under way')
    })
    lines.add(line)
    line.on('error', () => undefined)
    line.on('close', () => {
      lines.delete(line)
      setTimeout(open, REOPEN_MS)
    })
  }
  for (let line = 0; line < count; line += 1) open()
  return () => {
    stopped = true
    for (const line of lines) line.destroy()
  }
}

/** Sends the same message so many times a second, as far as the other end takes it. */
function floodWithMessages({ port, keys, header, body, fps, forgesStreams }: MessageFlood): () => void {
  const socket = new zmq.Publisher({
    linger: 0,
    sendHighWaterMark: 4,
    curveServerKey: keys.server,
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
  })
  socket.connect(`tcp://127.0.0.1:${port}`)
  const bytes = typeof body === 'number' ? Buffer.alloc(body) : Buffer.from(body, 'base64')
  const start = performance.now()
  let sent = 0
  const sendThoseDue = async () => {
    for (; sent < ((performance.now() - start) * fps) / 1000 && !socket.closed; sent += 1) {
      const stream = forgesStreams ? sent.toString(16).padStart(8, '0') : '00000000'
      await socket.send([header.replace('STREAM', stream), bytes])
    }
    if (!socket.closed) setTimeout(() => void sendThoseDue().catch(() => undefined), TURN_MS)
  }
  void sendThoseDue().catch(() => undefined)
  process.send?.('under way')
  return () => socket.close()
}

/** As strangers have processors of their own, theirs yield to those that they attack. */
function floodWithHandshakes({ port, count, serverKey }: HandshakeFlood): () => void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const context = new zmq.Context({ maxSockets: 8 * count })
  const open = new Set<zmq.Publisher>()
  let stopped = false
  const knock = async (keys: { publicKey: string; secretKey: string }) => {
    const socket = new zmq.Publisher({
      context,
      linger: 0,
      reconnectInterval: REOPEN_MS,
      curveServerKey: serverKey,
      curvePublicKey: keys.publicKey,
      curveSecretKey: keys.secretKey,
    })
    open.add(socket)
    socket.connect(`tcp://127.0.0.1:${port}`)
    // to leave this before its end would leave a hidden socket open
    for await (const { type } of socket.events) {
      if (type.startsWith('handshake:error') || stopped) socket.close()
    }
    open.delete(socket)
  }
  const stranger = async () => {
    const keys = zmq.curveKeyPair()
    while (!stopped) await knock(keys)
  }
  for (let index = 0; index < count; index += 1) void stranger().catch(() => undefined)
  process.send?.('under way')
  return () => {
    stopped = true
    for (const socket of open) socket.close()
  }
}
