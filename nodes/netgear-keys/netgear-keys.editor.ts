import { isZ85Key } from '../../lib/keys/z85'
import { announceInvalidFields } from '../editor/accessible-widgets'
import { isVariable } from '../editor/field-rules'
import { completeFields, textIn } from '../editor/form-fields'
import { currentValue, dialogClosed, dialogOpened } from '../editor/open-dialog'
import { trustedPeers } from '../editor/trusted-names'
import { AdminApi } from './admin-api.editor'
import { KeyDirectoryView } from './key-directory.editor'
import type { NetgearKeysCredentials, NetgearKeysOptions } from './netgear-keys.options'
import { OwnKey, STORED_SECRET } from './own-key.editor'
import { openPythonPeer } from './python-peer.editor'
import { TrustedPeersList, trustListProblems } from './trusted-peers.editor'

type KeysNode = EditorNode<NetgearKeysOptions>

const PREFIX = 'node-config-input'

let openDialog: { ownKey: OwnKey; trusted: TrustedPeersList; directory: KeyDirectoryView } | undefined

const isStored = (node: KeysNode) => currentValue(node, 'source', 'stored', PREFIX) === 'stored'

function validatePublicKey(this: KeysNode, value: unknown, _context: unknown): true | string {
  const publicKey = String(value ?? '').trim()
  if (!isStored(this) || isVariable(publicKey)) return true
  if (publicKey === '') {
    return isVariable(currentValue(this, 'secretKey', '', PREFIX)) ? true : this._('netgear-keys.error.public-missing')
  }
  return isZ85Key(publicKey) ? true : this._('netgear-keys.error.public-invalid')
}

function validateTrusted(this: KeysNode, value: unknown, _context: unknown): true | string {
  if (!isStored(this)) return true
  const [problem] = trustListProblems(trustedPeers(value), String(this.publicKey ?? ''))
  return problem ? this._(`netgear-keys.problem.${problem.code}`) : true
}

function validateSecretKey(this: KeysNode, value: unknown, _context: unknown): true | string {
  const secretKey = String(value ?? '').trim()
  if (!isStored(this) || secretKey === STORED_SECRET) return true
  if (secretKey === '') return this._('netgear-keys.error.secret-missing')
  return isVariable(secretKey) || isZ85Key(secretKey) ? true : this._('netgear-keys.error.secret-invalid')
}

function closeDialog(): void {
  openDialog?.ownKey.close()
  openDialog?.directory.close()
  openDialog = undefined
  dialogClosed()
}

RED.nodes.registerType<NetgearKeysOptions, NetgearKeysCredentials>('netgear-keys', {
  category: 'config',
  color: '#9CC5C9',
  defaults: {
    name: { value: '' },
    source: { value: 'stored' },
    publicKey: { value: '', validate: validatePublicKey },
    trusted: { value: [], validate: validateTrusted },
    directory: { value: '' },
  },
  credentials: {
    secretKey: { type: 'password', validate: validateSecretKey },
  },
  icon: 'netgear-keys.svg',
  paletteLabel() {
    return this._('netgear-keys.palette')
  },
  label() {
    return String(this.name || this._('netgear-keys.palette'))
  },
  oneditprepare() {
    dialogOpened(this)
    completeFields(this, PREFIX)
    announceInvalidFields($(`#${PREFIX}-name`).closest('form'))
    const translate = this._
    const api = new AdminApi(translate)
    const ownKey = new OwnKey(api, translate, String(this.publicKey ?? ''), () => openDialog?.trusted.check())
    const trusted = new TrustedPeersList(api, translate, ownKey, trustedPeers(this.trusted))
    const directory = new KeyDirectoryView(api, translate)
    openDialog = { ownKey, trusted, directory }
    openPythonPeer(api, translate, ownKey, trusted)

    let shown: string | undefined
    $(`#${PREFIX}-source`).on('change', () => {
      const source = textIn('source', PREFIX)
      $('.netgear-stored').toggle(source !== 'directory')
      $('#netgear-directory').toggle(source === 'directory')
      if (source === shown) return
      shown = source
      if (source === 'directory') directory.open()
      else ownKey.open()
    })
  },
  oneditsave() {
    const peers = openDialog?.trusted.peers() ?? []
    if (JSON.stringify(peers) !== JSON.stringify(this.trusted)) this.trusted = peers
    closeDialog()
  },
  oneditcancel: closeDialog,
  oneditdelete: closeDialog,
})
