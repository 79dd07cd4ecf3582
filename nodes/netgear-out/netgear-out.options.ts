import type { LinkOptions } from '../link-options'

/** The saved properties of `netgear-out`, the same for its runtime and its editor half. */
export interface NetgearOutOptions extends LinkOptions {
  frame: string
  frameType: string
  data: string
  dataType: string
  encoding: 'jpeg' | 'raw'
  quality: number | string
  queue: number | string
  window: number | string
  endOfStream: boolean | string
  dialect: 'netgear' | 'imagezmq'
  /** "user@host:port" of an SSH server to go through; empty: directly. */
  sshHost: string
  /** SHA-256 fingerprint of that server's host key. */
  sshHostKey: string
  /** Path of a private key file on the machine that runs Node-RED; empty: log in with the password. */
  sshKeyFile: string
}

/** The SSH password, or the passphrase of the key file. */
export interface NetgearOutCredentials {
  sshPassword?: string
}
