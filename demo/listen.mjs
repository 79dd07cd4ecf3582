import { once } from 'node:events'
import { createServer } from 'node:net'

const TRIES = 100

/**
 * Lets a server listen on the first free port of 127.0.0.1, and says which ones were taken.
 *
 * @param {import('node:net').Server} server
 * @param {number} first the port to begin with
 * @returns {Promise<number>} the port; rejects when none of the next hundred is free
 */
export async function listenOnFreePort(server, first) {
  for (let port = first; port < first + TRIES; port++) {
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      return port
    } catch (error) {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
      console.log(`Port ${port} is taken, trying ${port + 1}.`)
    }
  }
  throw new Error(`All ports from ${first} to ${first + TRIES - 1} are taken.`)
}

/**
 * Finds a free port of 127.0.0.1 for somebody else to listen on.
 *
 * @param {number} first the port to begin with
 * @returns {Promise<number>}
 */
export async function findFreePort(first) {
  const server = createServer()
  const port = await listenOnFreePort(server, first)
  server.close()
  await once(server, 'close')
  return port
}
