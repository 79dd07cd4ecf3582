import type { TestContext } from 'node:test'
import { curveKeyPair } from 'zeromq'
import type { PeerConfig } from './protocol'
import { PythonPeer } from './python'

export type Settings = Partial<PeerConfig>

/** A receiver bound to a free port of 127.0.0.1. */
export function startReceiver(t: TestContext, pattern: 0 | 1 | 2, settings: Settings = {}): Promise<PythonPeer> {
  return PythonPeer.start({ role: 'receiver', pattern, port: 0, address: '127.0.0.1', ...settings }, t)
}

/** A sender connected to the (first) port of that receiver. */
export function startSender(
  t: TestContext,
  pattern: 0 | 1 | 2,
  receiver: PythonPeer,
  settings: Settings = {},
): Promise<PythonPeer> {
  const port = receiver.ports[0] ?? 0
  return PythonPeer.start({ role: 'sender', pattern, port, address: '127.0.0.1', ...settings }, t)
}

/** Security settings of a binding receiver and a connecting sender with fresh keys that trust each other. */
export function securedEnds(secure: 0 | 1 | 2): { receiver: Settings; sender: Settings } {
  if (secure === 0) return { receiver: {}, sender: {} }
  const receiver = curveKeyPair()
  const sender = curveKeyPair()
  return {
    receiver: { secure, ...receiver, allowedKeys: [sender.publicKey] },
    sender: { secure, ...sender, serverKey: receiver.publicKey },
  }
}
