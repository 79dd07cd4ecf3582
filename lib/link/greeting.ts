import { createConnection } from 'node:net'

const GREETING_BYTES = 64
const MECHANISM_AT = 12
const MECHANISM_BYTES = 20
const PATIENCE_MS = 2000

/**
 * Asks whoever listens at a libzmq address how it secures its connections, by exchanging ZMTP greetings with it
 * (rfc.zeromq.org/spec/23: signature, version, mechanism). Resolves with the mechanism's name such as "CURVE" or "NULL", or undefined
 * where nobody answers or it is no ZeroMQ.
 */
export function askMechanism(address: string): Promise<string | undefined> {
  const target = parse(address)
  if (!target) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const socket = createConnection(target)
    let received = Buffer.alloc(0)
    const finish = (mechanism?: string) => {
      socket.destroy()
      resolve(mechanism)
    }
    socket.setTimeout(PATIENCE_MS, finish)
    socket.on('error', () => finish())
    socket.on('close', () => finish())
    socket.on('connect', () => socket.write(OPENING))
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      if (received.length < GREETING_BYTES) return
      const name = received.toString('latin1', MECHANISM_AT, MECHANISM_AT + MECHANISM_BYTES)
      finish(received[0] === 0xff ? name.replace(/\0+$/, '') : undefined)
    })
  })
}

/** Signature and version only: a mechanism of ours that does not fit would end the conversation before theirs is told. */
const OPENING = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0])

function parse(address: string): { host: string; port: number } | { path: string } | undefined {
  const [, path] = /^ipc:\/\/(.+)$/.exec(address) ?? []
  if (path) return { path }
  const [, host, port] = /^tcp:\/\/(.+):(\d+)$/.exec(address) ?? []
  return host && port ? { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) } : undefined
}
