// Floods a link from a process of its own: started by flood.ts.
import { connect } from 'node:net'
import * as zmq from 'zeromq'
import type { ConnectionFlood, FloodSettings, MessageFlood } from './flood'

const REOPEN_MS = 50
const TURN_MS = 1

process.once('disconnect', () => process.exit())
process.once('message', (settings: FloodSettings) => {
  if (settings.kind === 'connections') floodWithConnections(settings)
  else floodWithMessages(settings)
})

/** Opens so many connections, says the words on each, holds them, and opens those anew that are cut off. */
function floodWithConnections({ port, count, words }: ConnectionFlood): void {
  const bytes = Buffer.from(words, 'base64')
  let opened = 0
  const open = () => {
    const line = connect(port, '127.0.0.1', () => {
      line.resume()
      if (bytes.length > 0) line.write(bytes)
      opened += 1
      if (opened === count) process.send?.('under way')
    })
    line.on('error', () => undefined)
    line.on('close', () => setTimeout(open, REOPEN_MS))
  }
  for (let line = 0; line < count; line += 1) open()
}

/** Sends the same message so many times a second, as far as the other end takes it. */
function floodWithMessages({ port, keys, header, body, fps, forgesStreams }: MessageFlood): void {
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
    for (; sent < ((performance.now() - start) * fps) / 1000; sent += 1) {
      const stream = forgesStreams ? sent.toString(16).padStart(8, '0') : '00000000'
      await socket.send([header.replace('STREAM', stream), bytes])
    }
    setTimeout(() => void sendThoseDue(), TURN_MS)
  }
  void sendThoseDue()
  process.send?.('under way')
}
