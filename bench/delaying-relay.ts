import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP relay on a free port that hands everything on so many ms later, as a long line does: as much as one likes is under way. */
export async function delayingRelay(toPort: number, oneWayMs: number): Promise<{ port: number; close: () => void }> {
  const lines = new Set<Socket>()
  const carry = (from: Socket, to: Socket) => {
    lines.add(from)
    from.setNoDelay()
    from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), oneWayMs))
    from.on('error', () => from.destroy())
    from.on('close', () => to.destroy())
  }
  const server = createServer((near) => {
    const far = connect(toPort, '127.0.0.1')
    carry(near, far)
    carry(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The relay has no port.')
  const close = () => {
    server.close()
    for (const line of lines) line.destroy()
  }
  return { port: address.port, close }
}
