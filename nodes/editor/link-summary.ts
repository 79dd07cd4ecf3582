import { isVariable, portsOf } from './field-rules'
import type { ChosenKeys } from './trusted-names'

/** The values of a link's dialog, as they stand there. */
export interface LinkValues {
  security: string
  mode: string
  protocol: string
  address: string
  port: string
  peer: string
  /** The id of the keys node. */
  keys: string
  /** The SSH server on the way there; empty without one. */
  sshHost: string
}

/**
 * A link in one sentence, such as «Listens on port 5555 of this machine, admits yard-cam and porch-cam, encrypted.»
 *
 * @param keys the chosen keys node, if there is one
 * @param translate looks up a key of the catalogue and fills in the values
 */
export function summarizeLink(
  link: LinkValues,
  keys: ChosenKeys | undefined,
  translate: Translate,
  language = 'en-US',
): string {
  const say = (key: string, values?: Record<string, string>) => translate(`link.summary.${key}`, values)
  const list = (texts: string[]) => {
    try {
      return new Intl.ListFormat(language, { type: 'conjunction' }).format(texts)
    } catch {
      return texts.join(', ')
    }
  }
  const deciding = [link.security, link.mode, link.protocol, link.security === 'grassland' ? '' : link.keys].filter(
    isVariable,
  )
  if (deciding.length > 0) return say('depends', { variables: list(deciding) })

  const where = () => {
    const ports = portsOf(link.port)
    const address = link.address.trim() || say('nowhere')
    const named = { ports: say(ports.length > 1 ? 'ports' : 'port', { ports: list(ports) || '…' }), address }
    if (link.protocol === 'ipc') return say(link.mode === 'bind' ? 'listens-ipc' : 'connects-ipc', named)
    const tunnel = link.sshHost.trim()
    if (link.mode !== 'bind') return tunnel ? say('connects-ssh', { ...named, tunnel }) : say('connects', named)
    return say(address === '*' || address === '0.0.0.0' ? 'listens' : 'listens-at', named)
  }
  const binding = link.mode === 'bind'
  if (link.security === 'grassland') {
    const who = say(binding ? 'admits-anyone' : 'trusts-anything')
    return say('sentence', { where: where(), who, how: say('clear') })
  }
  if (!keys) return say('without-keys', { where: where() })
  const who = binding ? admits(link, keys, say, list) : proves(link, keys, say)
  return say('sentence', { where: where(), who, how: say('encrypted') })
}

type Say = (key: string, values?: Record<string, string>) => string

function admits(link: LinkValues, keys: ChosenKeys, say: Say, list: (texts: string[]) => string): string {
  if (link.security === 'stonehouse') return say('admits-knowing')
  if (keys.source === 'directory') return say('admits-directory')
  const names = keys.trusted.map(({ name }) => name.trim() || '?')
  return names.length > 0 ? say('admits', { names: list(names) }) : say('admits-itself')
}

function proves(link: LinkValues, keys: ChosenKeys, say: Say): string {
  const peer = link.peer.trim()
  if (peer !== '' && peer === keys.publicKey) return say('proves-own')
  const listed = keys.trusted.find(({ name, publicKey }) => publicKey === peer || name === peer)
  if (peer !== '') {
    const name = listed?.name || peer
    return name.length === 40 ? say('proves-key') : say('proves-peer', { name })
  }
  if (keys.source === 'directory') return say('proves-directory')
  const only = onlyTrusted(keys)
  return only ? say('proves-peer', { name: only.name }) : say('proves-own')
}

/** The trusted peer whose key is expected when none is named: the only one there is besides the node itself. */
export function onlyTrusted(keys: ChosenKeys): { name: string; publicKey: string } | undefined {
  const others = keys.trusted.filter(({ publicKey }) => publicKey !== keys.publicKey)
  return others.length === 1 ? others[0] : undefined
}
