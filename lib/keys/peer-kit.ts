import { NetgearError } from '../wire/error'
import { formatPublicCertificate, formatSecretCertificate } from './certificate'
import type { Role } from './directory'
import { fingerprint, generateKeyPair } from './key-pair'
import type { ProgramSettings } from './peer-kit/program-settings'
import { peerKitReadme } from './peer-kit/readme'
import { receivePyzmqProgram } from './peer-kit/receive-pyzmq'
import { receiveVidgearProgram } from './peer-kit/receive-vidgear'
import { sendPyzmqProgram } from './peer-kit/send-pyzmq'
import { sendVidgearProgram } from './peer-kit/send-vidgear'
import { isZ85Key } from './z85'

/** What a peer kit is made for. */
export interface PeerKitRequest {
  /** How the peer is called in our trust list, 1 to 100 characters. */
  peerName: string
  ourPublicKey: string
  /** `receiver`: the peer sends to us; `sender`: it receives from us. */
  ourRole: Role
  pattern: 'pair' | 'reqrep' | 'pubsub'
  security: 'stonehouse' | 'ironhouse'
  /** Host name or IPv4 address of our machine, as the peer sees it. */
  address: string
  port: number | string
}

/** One file of a kit; `path` with `/`, relative to the kit's folder; `mode` the Unix permissions. */
export interface PeerKitFile {
  path: string
  text: string
  mode: number
}

export interface PeerKit {
  files: PeerKitFile[]
  peerPublicKey: string
}

const PATTERN_NUMBER = { pair: 0, reqrep: 1, pubsub: 2 } as const
const SECURE_MODE = { stonehouse: 1, ironhouse: 2 } as const
const KEYS = '.vidgear/keys'

/**
 * The folder for a Python peer: a fresh key pair for it and our public key as a complete NetGear key directory, and programs that run
 * as they are. Our own secret key has no part in it: NetGear 0.3.5 looks only at the names of the files of the role that it does
 * not play, so an empty file takes that place.
 *
 * @throws NetgearError `NETGEAR_PEER_KIT_NAME`, `_KEY`, `_ROLE`, `_PATTERN`, `_SECURITY`, `_ADDRESS` or `_PORT`
 */
export function peerKit(request: PeerKitRequest): PeerKit {
  const settings = checkedSettings(request)
  const pair = generateKeyPair()
  const now = new Date()
  const peerSends = request.ourRole === 'receiver'
  // The receiver binds and so is the CURVE server: NetGear names its keys after that.
  const [peerFile, ourFile] = peerSends ? ['client', 'server'] : ['server', 'client']
  const ourCertificate = formatPublicCertificate(request.ourPublicKey, now)
  const keys: PeerKitFile[] = [
    { path: `${KEYS}/public_keys/${peerFile}.key`, text: formatPublicCertificate(pair.publicKey, now), mode: 0o644 },
    { path: `${KEYS}/public_keys/${ourFile}.key`, text: ourCertificate, mode: 0o644 },
    { path: `${KEYS}/private_keys/${peerFile}.key_secret`, text: formatSecretCertificate(pair, now), mode: 0o600 },
    { path: `${KEYS}/private_keys/${ourFile}.key_secret`, text: '', mode: 0o600 },
  ]
  const programs: PeerKitFile[] = peerSends
    ? [
        { path: 'send_vidgear.py', text: sendVidgearProgram(settings), mode: 0o755 },
        { path: 'send_pyzmq.py', text: sendPyzmqProgram(settings), mode: 0o755 },
      ]
    : [
        { path: 'receive_vidgear.py', text: receiveVidgearProgram(settings), mode: 0o755 },
        { path: 'receive_pyzmq.py', text: receivePyzmqProgram(settings), mode: 0o755 },
      ]
  const readme = peerKitReadme(settings, peerSends ? 'sender' : 'receiver', fingerprint(pair.publicKey))
  return {
    files: [{ path: 'README.txt', text: readme, mode: 0o644 }, ...programs, ...keys],
    peerPublicKey: pair.publicKey,
  }
}

function checkedSettings(request: PeerKitRequest): ProgramSettings {
  const peerName = request.peerName.trim()
  if (!/^[^\p{C}]{1,100}$/u.test(peerName)) {
    throw new NetgearError('NETGEAR_PEER_KIT_NAME', 'Give the peer a name of 1 to 100 characters, in one line.')
  }
  if (!isZ85Key(request.ourPublicKey)) {
    throw new NetgearError(
      'NETGEAR_PEER_KIT_KEY',
      'This node has no valid public key yet. Generate or enter a key pair first.',
    )
  }
  if (request.ourRole !== 'sender' && request.ourRole !== 'receiver') {
    throw new NetgearError('NETGEAR_PEER_KIT_ROLE', 'Say whether Node-RED sends to the peer or receives from it.')
  }
  const address = request.address.trim()
  // These characters only: the address stands in Python programs and in an endpoint.
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(address) || address === '0.0.0.0') {
    throw new NetgearError(
      'NETGEAR_PEER_KIT_ADDRESS',
      'Give the host name or IPv4 address under which the peer sees this machine, such as 192.168.1.20; * will not do.',
    )
  }
  const port =
    typeof request.port === 'string' && /^\s*\d{1,5}\s*$/.test(request.port) ? Number(request.port) : request.port
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new NetgearError('NETGEAR_PEER_KIT_PORT', 'Give the one port that this peer uses, 1 to 65535.')
  }
  return { peerName, address, port, pattern: patternNumber(request), secureMode: secureModeNumber(request) }
}

function patternNumber({ pattern }: PeerKitRequest): ProgramSettings['pattern'] {
  if (Object.hasOwn(PATTERN_NUMBER, pattern)) return PATTERN_NUMBER[pattern]
  throw new NetgearError('NETGEAR_PEER_KIT_PATTERN', 'Choose the pattern of the link: pair, reqrep or pubsub.')
}

function secureModeNumber({ security }: PeerKitRequest): ProgramSettings['secureMode'] {
  if (Object.hasOwn(SECURE_MODE, security)) return SECURE_MODE[security]
  throw new NetgearError(
    'NETGEAR_PEER_KIT_SECURITY',
    'Choose stonehouse or ironhouse: without security a peer needs no keys, and so no kit.',
  )
}
