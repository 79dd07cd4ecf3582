import { parsePorts } from './link/endpoint'
import type { EndOptions } from './link/options'
import { Receiver, type ReceiverOptions } from './link/receiver'
import { Sender, type SenderOptions } from './link/sender'

export { readKeyDirectory } from './keys/directory'
export { fingerprint, generateKeyPair, type KeyPair, publicKeyOf } from './keys/key-pair'
export type { Keyring } from './keys/keyring'
export type { TrustedPeer } from './keys/trust-list'
export type { LimitsToSet, LinkLimits } from './link/limits'
export type { LinkEvent, LinkState, LinkStats, PeerIdentity } from './link/link-events'
export type { Pattern } from './link/options'
export type { Arrival } from './link/receiving-link'
export type { Returned } from './link/returned'
export type { LinkSecurity, Mode } from './link/security'
export type { SshTunnelOptions } from './link/ssh-tunnel'
export { decodeJpeg, encodeJpeg, toJpeg, toPixels } from './video/codec'
export { identifyPictures } from './video/identify'
export { MjpegSplitter } from './video/mjpeg-splitter'
export type { Answer } from './wire/answer'
export { NetgearError } from './wire/error'
export type { JsonValue } from './wire/json'
export type { WireEnd, WireFrame } from './wire/message'
export type { PictureToEncode } from './wire/picture'
export type { Receiver, ReceiverOptions, Sender, SenderOptions }

type EndDefaults = 'pattern' | 'mode' | 'protocol' | 'address' | 'ports'

/** What may be left out is as in the nodes' dialogs; `port` is one, or several with commas. */
export type WithDefaults<Options extends EndOptions> = Omit<Options, EndDefaults> &
  Partial<Pick<Options, Exclude<EndDefaults, 'ports'>>> & { port?: number | string }

/**
 * Receives frames, as `netgear-in` does: binds all interfaces on port 5555 in the pubsub pattern unless told otherwise. The security
 * level has always to be said. Frames, ends and events come to the callbacks until `close()`; the links never give up.
 * Throws a `NetgearError` for options that cannot work.
 */
export function openReceiver({ port = 5555, ...options }: WithDefaults<ReceiverOptions>): Receiver {
  return new Receiver({
    pattern: 'pubsub',
    mode: 'bind',
    protocol: 'tcp',
    address: options.mode === 'connect' ? 'localhost' : '*',
    ports: parsePorts(port),
    ...options,
  })
}

/**
 * Sends frames, as `netgear-out` does: connects to localhost on port 5555 in the pubsub pattern unless told otherwise. The security
 * level has always to be said. `send()` takes pictures at once and never waits; the links never give up before `close()`.
 * Throws a `NetgearError` for options that cannot work.
 */
export function openSender({ port = 5555, ...options }: WithDefaults<SenderOptions>): Sender {
  return new Sender({
    pattern: 'pubsub',
    mode: 'connect',
    protocol: 'tcp',
    address: options.mode === 'bind' ? '*' : 'localhost',
    ports: parsePorts(port),
    ...options,
  })
}
