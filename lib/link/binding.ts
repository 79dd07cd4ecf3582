import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Socket } from 'zeromq'
import { type ErrorCode, NetgearError } from '../wire/error'
import { describeEndpoint, type Endpoint, ipcPath } from './endpoint'

// A port that has just been closed is free again within a few milliseconds; only what lasts longer is worth a word.
const QUICK_RETRY_MS = 5
const QUICK_RETRIES = 60
const SLOW_RETRY_MS = 1000

/** By path. To ask another link of this process by connecting to it would look like somebody who breaks off the handshake. */
const ipcOfThisProcess = new Map<string, Socket>()

/**
 * Binds as soon as the address is free, and reports through `failed` (once per cause is enough for it) while it is not.
 * Resolves true when bound, false when `signal` aborted first. Binds synchronously: an asynchronous bind runs in another
 * thread and must not meet a pending receive.
 */
export async function bindWithRetry(
  socket: Socket,
  address: string,
  endpoint: Endpoint,
  signal: AbortSignal,
  failed: (error: NetgearError) => void,
): Promise<boolean> {
  let error: NetgearError | undefined
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const found = await tryToBind(socket, address, endpoint)
    if (found === undefined) return true
    // libzmq's cleaning up after a failure sometimes hides its cause, which another try shows.
    if (error === undefined || found.code !== 'NETGEAR_BIND') error = found
    const mayPass = error.code === 'NETGEAR_PORT_IN_USE' || error.code === 'NETGEAR_BIND'
    const quick = mayPass && attempt <= QUICK_RETRIES
    if (!quick) failed(error)
    await delay(quick ? QUICK_RETRY_MS : SLOW_RETRY_MS, undefined, { signal }).catch(() => undefined)
  }
  return false
}

async function tryToBind(socket: Socket, address: string, endpoint: Endpoint): Promise<NetgearError | undefined> {
  const path = endpoint.protocol === 'ipc' ? resolve(ipcPath(endpoint)) : undefined
  // libzmq would unlink another program's live socket file and take its place.
  if (path !== undefined && (await isListening(path))) return bindError(endpoint, 'EADDRINUSE')
  try {
    socket.bindSync(address)
    if (path !== undefined) ipcOfThisProcess.set(path, socket)
    return undefined
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    return bindError(endpoint, code, cause)
  }
}

function isListening(path: string): Promise<boolean> {
  if (ipcOfThisProcess.get(path)?.closed === false) return Promise.resolve(true)
  if (!existsSync(path)) return Promise.resolve(false)
  return new Promise((answer) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      answer(true)
    })
    probe.once('error', () => answer(false))
  })
}

function bindError(endpoint: Endpoint, systemCode: string, cause?: unknown): NetgearError {
  const where = describeEndpoint(endpoint)
  const [code, text]: [ErrorCode, string] =
    systemCode === 'EADDRINUSE'
      ? [
          'NETGEAR_PORT_IN_USE',
          `${where} is in use by another node or program: choose another port, or stop the other one.`,
        ]
      : systemCode === 'EACCES' || systemCode === 'EPERM'
        ? [
            'NETGEAR_BIND_DENIED',
            `${where} may not be opened by this user: choose a port above 1023, or a folder that can be written.`,
          ]
        : systemCode === 'EADDRNOTAVAIL' || systemCode === 'ENODEV'
          ? [
              'NETGEAR_ADDRESS_NOT_OURS',
              `${where} is not an address of this machine: use * to listen on all of its interfaces.`,
            ]
          : systemCode === 'ENOENT' && endpoint.protocol === 'ipc'
            ? ['NETGEAR_FOLDER_MISSING', `${where} cannot be opened, because its folder does not exist: create it.`]
            : ['NETGEAR_BIND', `${where} cannot be opened (${systemCode || 'unknown cause'}).`]
  return new NetgearError(code, `${text} Trying again.`, { cause })
}
