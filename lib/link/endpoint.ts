import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { isPastedKey } from '../keys/pasted-key'
import { mayHoldKey, quoted } from '../keys/quoted'
import { NetgearError } from '../wire/error'
import type { Mode } from './security'

/** Where one link binds or connects: one address and one port. For ipc the address is a path, the port part of the file's name. */
export interface Endpoint {
  protocol: 'tcp' | 'ipc'
  address: string
  port: number
}

/** Where a socket connects to. */
export interface FoundAddress {
  address: string
  ipv6: boolean
}

// sockaddr_un holds 108 bytes with the closing zero (Linux); macOS has 104.
const IPC_PATH_BYTES = 103

/** Reads "5555" or "5555,5556". Throws `NETGEAR_PORT` for anything that is not a list of different ports from 1 to 65535. */
export function parsePorts(text: string | number): number[] {
  const ports = String(text)
    .split(',')
    .map((part) => (/^\s*\d{1,5}\s*$/.test(part) ? Number(part) : Number.NaN))
  const bad = ports.some((port) => !(port >= 1 && port <= 65535))
  if (bad || new Set(ports).size !== ports.length) {
    throw new NetgearError(
      'NETGEAR_PORT',
      `Port ${quoted(String(text))} cannot be used: give one port from 1 to 65535, or several different ones with commas, such as 5555,5556.`,
    )
  }
  return ports
}

/** Checks an endpoint's address. Throws `NETGEAR_ADDRESS` with what to write instead. */
export function checkAddress(endpoint: Endpoint, mode: Mode): void {
  const { protocol, address } = endpoint
  const refuse = (why: string): never => {
    throw new NetgearError('NETGEAR_ADDRESS', `Address ${quoted(address)} cannot be used: ${why}`)
  }
  // As part of an endpoint it would stand in every event.
  if (protocol === 'ipc' ? isPastedKey(address) : mayHoldKey(address))
    refuse('give a host name or an IP address, or for ipc a path.')
  if (protocol === 'ipc') {
    if (Buffer.byteLength(ipcPath(endpoint)) > IPC_PATH_BYTES)
      refuse(`an ipc path has at most ${IPC_PATH_BYTES} bytes.`)
    if (/\p{Cc}/u.test(address)) refuse('it holds control characters.')
    return
  }
  if (mode === 'connect' && (address === '*' || address === '')) {
    refuse('to connect, give the name or IP address of the other end.')
  }
  if (mode === 'bind' && address !== '*' && address !== '' && address !== 'localhost' && isIP(bare(address)) === 0) {
    refuse('to bind, give * (all interfaces), localhost, or an IP address of this machine.')
  }
  if (!/^[\p{L}\p{N}.:*_[\]%-]*$/u.test(address))
    refuse('give a host name or an IP address, without tcp:// and without a port.')
}

/** The path of an ipc link's socket file: NetGear's form, the address, a colon, the port. A bare name is put into the temporary folder. */
export function ipcPath({ address, port }: Endpoint): string {
  const name = address === '' || address === '*' || address === 'localhost' ? 'netgear' : address
  return `${isAbsolute(name) ? name : join(tmpdir(), name)}:${port}`
}

/** What the user reads in messages and events, as in `tcp://*:5555`. */
export function describeEndpoint(endpoint: Endpoint): string {
  return endpoint.protocol === 'ipc'
    ? `ipc://${ipcPath(endpoint)}`
    : `tcp://${bracketed(endpoint.address || '*')}:${endpoint.port}`
}

/** The endpoint to bind as libzmq takes it, and whether it needs IPv6. */
export function bindAddress(endpoint: Endpoint): { address: string; ipv6: boolean } {
  if (endpoint.protocol === 'ipc') return { address: `ipc://${ipcPath(endpoint)}`, ipv6: false }
  const host = endpoint.address === 'localhost' ? '127.0.0.1' : bare(endpoint.address || '*')
  return { address: `tcp://${bracketed(host)}:${endpoint.port}`, ipv6: isIP(host) === 6 }
}

/**
 * The endpoint to connect to as libzmq takes it, its host name resolved here: libzmq would resolve it in the one thread that moves
 * the frames of all links, and a slow name server would stop them. IPv4 is preferred, as NetGear listens on IPv4 only.
 * Rejects with `NETGEAR_HOST_UNKNOWN`.
 */
export async function connectAddress(endpoint: Endpoint): Promise<FoundAddress> {
  if (endpoint.protocol === 'ipc') return { address: `ipc://${ipcPath(endpoint)}`, ipv6: false }
  const host = bare(endpoint.address)
  const resolved = isIP(host) ? host : await resolve(host)
  return { address: `tcp://${bracketed(resolved)}:${endpoint.port}`, ipv6: isIP(resolved) === 6 }
}

/** Whether what crosses this endpoint can leave the machine. */
export function leavesMachine({ protocol, address }: Endpoint): boolean {
  if (protocol === 'ipc') return false
  const host = bare(address)
  return !(host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')))
}

async function resolve(host: string): Promise<string> {
  try {
    const addresses = await lookup(host, { all: true })
    const best = addresses.find(({ family }) => family === 4) ?? addresses[0]
    if (best) return best.address
  } catch {
    // said below, in words
  }
  throw new NetgearError(
    'NETGEAR_HOST_UNKNOWN',
    `The host ${quoted(host)} cannot be found: check the spelling of the address, or whether this machine's name server knows it. Trying again.`,
  )
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
