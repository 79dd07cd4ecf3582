import { isZ85Key } from '../../lib/keys/z85'
import type { DirectoryAnswer } from '../netgear-keys/admin-api.editor'
import type { OwnEnd } from './other-end-node'
import { chosenKeys } from './trusted-names'

/** The public key that a link proves, from the chosen keys node; empty where it is not known in the editor. */
export async function ownPublicKey(keysId: string, type: OwnEnd['type']): Promise<string> {
  const keys = chosenKeys(keysId)
  if (!keys) return ''
  if (keys.source !== 'directory') return isZ85Key(keys.publicKey) ? keys.publicKey : ''
  const directory = await readDirectory(String(RED.nodes.node(keysId)?.directory ?? ''))
  return directory?.own[type === 'netgear-in' ? 'receiver' : 'sender']?.publicKey ?? ''
}

/** What the server reads in a key directory; undefined where it cannot. */
function readDirectory(directory: string): Promise<DirectoryAnswer | undefined> {
  return new Promise((resolve) => {
    $.ajax({
      url: 'netgear-keys/directory',
      method: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ directory }),
    })
      .done((answer: DirectoryAnswer) => resolve(answer))
      .fail(() => resolve(undefined))
  })
}
