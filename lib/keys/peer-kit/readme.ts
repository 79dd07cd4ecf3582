import type { ProgramSettings } from './program-settings'

const PATTERN_NAME = ['pair', 'request/reply', 'publish/subscribe'] as const
const SECURITY_NAME = { 1: 'StoneHouse', 2: 'IronHouse' } as const

/** `README.txt` of a peer kit. */
export function peerKitReadme(
  settings: ProgramSettings,
  peerRole: 'sender' | 'receiver',
  peerFingerprint: string,
): string {
  const { peerName, address, port, pattern, secureMode } = settings
  const verb = peerRole === 'sender' ? 'send' : 'receive'
  const own = peerRole === 'sender' ? 'client' : 'server'
  const ours = peerRole === 'sender' ? 'server' : 'client'
  const what =
    peerRole === 'sender' ? 'sends pictures to a netgear-in node' : 'receives pictures from a netgear-out node'
  const network =
    peerRole === 'sender'
      ? `This machine connects to ${address}, port ${port}: that must be where Node-RED listens.`
      : `This machine listens on port ${port}: its firewall must let Node-RED (${address}) in, and netgear-out must connect to it.`
  return `Keys and programs for the peer "${peerName}"
==============================================

Put this whole folder on the peer's machine. It ${what}
of the Node-RED on ${address}: pattern ${PATTERN_NAME[pattern]}, security ${SECURITY_NAME[secureMode]}.
${network}

This folder holds a SECRET key, the peer's own. Carry it over by a way that nobody else can read, and keep no copy.
In Node-RED the peer must be in the list of trusted peers with its public key. Fingerprint to compare:

    ${peerFingerprint}

  ${verb}_pyzmq.py      recommended: plain pyzmq and OpenCV; stays encrypted, comes back by itself
  ${verb}_vidgear.py    the same with vidgear's NetGear; its limits are told at the head of the file

  .vidgear/keys/public_keys/${own}.key             this peer's public key
  .vidgear/keys/public_keys/${ours}.key             Node-RED's public key
  .vidgear/keys/private_keys/${own}.key_secret     this peer's secret key
  .vidgear/keys/private_keys/${ours}.key_secret     empty on purpose: NetGear wants the file to be there, never reads it here

Other programs that use NetGear: pass secure_mode=${secureMode} and custom_cert_location="<this folder>".

On Linux and macOS protect the secret key:   chmod 600 .vidgear/keys/private_keys/*
`
}
