import { createServer } from 'node:net'

// Below the ports that Linux gives to outgoing connections: from those, a flood elsewhere would take one between here and its use.
const FIRST = 15_000
const COUNT = 17_000

// Far apart for processes that begin one after the other.
const STRIDE = 7919

let next = process.pid * STRIDE + Math.floor(Math.random() * 100)

/** A TCP port that nobody uses now. Each process goes its own way through them: no two take one before either uses it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + (next % COUNT)
    next += 1
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
