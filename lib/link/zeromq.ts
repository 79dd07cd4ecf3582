import type * as Zmq from 'zeromq'
import { NetgearError } from '../wire/error'
import { Authenticator } from './authenticator'

interface SharedZeroMq {
  zmq: typeof Zmq
  context: Zmq.Context
  authenticator: Authenticator
}

// libzmq frees a context only when the process ends, so there is one for the process, whatever reloads this module.
const KEY = Symbol.for('@ironhouse/node-red-netgear/zeromq@1')

/**
 * The process's own ZeroMQ context with its authenticator, made at the first call. It shares nothing with the contexts of other packages.
 * Throws `NETGEAR_ZEROMQ_MISSING` where zeromq has no prebuilt binary for this machine.
 */
export function sharedZeroMq(): SharedZeroMq {
  const registry = globalThis as unknown as Record<symbol, SharedZeroMq | undefined>
  const existing = registry[KEY]
  if (existing) return existing
  const zmq = loadZeroMq()
  const context = new zmq.Context({ blocky: false })
  const authenticator = new Authenticator(() => new zmq.Router({ context, linger: 0 }))
  const shared = { zmq, context, authenticator }
  registry[KEY] = shared
  return shared
}

function loadZeroMq(): typeof Zmq {
  try {
    return require('zeromq') as typeof Zmq
  } catch (cause) {
    throw new NetgearError(
      'NETGEAR_ZEROMQ_MISSING',
      `zeromq does not load on this machine (${process.platform} ${process.arch}): it brings no prebuilt binary for it, or a broken one. ` +
        'It has them for Linux x64 and arm64, macOS and Windows; on a Raspberry Pi use a 64-bit system.',
      { cause },
    )
  }
}
