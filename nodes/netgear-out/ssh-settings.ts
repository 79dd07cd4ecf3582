import { readFileSync } from 'node:fs'
import { isPastedKey } from '../../lib/keys/pasted-key'
import { NOT_SHOWN } from '../../lib/keys/quoted'
import { parseSshAddress, type SshTunnelOptions } from '../../lib/link/ssh-tunnel'
import { NetgearError } from '../../lib/wire/error'
import { textSetting } from '../link-settings'
import type { NetgearOutCredentials, NetgearOutOptions } from './netgear-out.options'

/** The SSH tunnel that the node's properties ask for; undefined for none. Throws a `NetgearError` for what cannot work. */
export function sshTunnel(
  config: NetgearOutOptions,
  credentials: NetgearOutCredentials | undefined,
): SshTunnelOptions | undefined {
  const host = textSetting('SSH server', config.sshHost)
  if (host === '') return undefined
  const password = credentials?.sshPassword
  const keyFile = textSetting('SSH key file', config.sshKeyFile)
  return {
    ...parseSshAddress(host),
    hostKey: textSetting('SSH host key', config.sshHostKey),
    ...(password && { password }),
    ...(keyFile && { privateKey: readKey(keyFile) }),
  }
}

function readKey(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new NetgearError(
      'NETGEAR_SSH_KEY_FILE',
      `The SSH key file ${isPastedKey(path) ? NOT_SHOWN : path} cannot be read: check the path on the machine that runs Node-RED, and who may read it.`,
      { cause },
    )
  }
}
