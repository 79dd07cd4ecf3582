import { isZ85Key } from '../../lib/keys/z85'
import { checkPorts, portsOf } from '../editor/field-rules'
import { addressOfThisPage, readOurAddresses } from '../editor/our-addresses'
import type { AdminApi, PeerKitOrder } from './admin-api.editor'
import { reasonOf, showNote } from './note.editor'
import type { OwnKey } from './own-key.editor'
import type { TrustedPeersList } from './trusted-peers.editor'

const NOTE = '#netgear-python-note'

/** The section that makes a folder for a Python peer and trusts it in the same step. */
export function openPythonPeer(api: AdminApi, translate: Translate, ownKey: OwnKey, trusted: TrustedPeersList): void {
  const button = $('#netgear-python-download')
  $('#netgear-python-port').val('5555')
  fillFromLink()
  void offerAddresses()
  const make = async () => {
    const order = orderInForm(ownKey)
    const problem = problemWith(order, trusted)
    if (problem !== undefined) {
      showNote(NOTE, translate(`netgear-keys.error.${problem}`), 'error')
      $(NOTE).get(0)?.scrollIntoView({ block: 'nearest' })
      return
    }
    button.prop('disabled', true)
    showNote(NOTE, translate('netgear-keys.note.downloading'))
    try {
      const { zip, peerPublicKey } = await api.peerKit(order)
      trusted.add(order.peerName, peerPublicKey)
      download(zip, `netgear-${order.peerName.replace(/[^\p{L}\p{N}._-]+/gu, '-')}.zip`)
      showNote(NOTE, translate('netgear-keys.note.downloaded', { name: order.peerName }))
    } catch (error) {
      showNote(NOTE, reasonOf(error), 'error')
    } finally {
      button.prop('disabled', false)
    }
  }
  button.on('click', () => void make())
}

/** The addresses of this machine, to choose from; the one that it is surely reached by is filled in. */
async function offerAddresses(): Promise<void> {
  const field = $('#netgear-python-address').val(addressOfThisPage() ?? '')
  // They come from the link nodes, which may not be there.
  const addresses = await readOurAddresses().catch(() => [])
  $('#netgear-python-addresses').append(
    addresses.map(({ value, text }) => $('<option>').val(value).attr('label', text)),
  )
  const [only, ...others] = addresses.filter(({ family }) => family === 'IPv4')
  if (only && others.length === 0 && field.val() === '') field.val(only.value)
}

/** What the link says of the other end from whose dialog this one was opened; where it says nothing that fits, what is there stays. */
function fillFromLink(): void {
  const open = RED.editor.getEditStack().reverse()
  const link = open.find(({ type }) => type === 'netgear-in' || type === 'netgear-out')
  if (!link) return
  if (link.type === 'netgear-out') $('#netgear-python-role').val('receiver')
  for (const field of ['pattern', 'security']) {
    const choice = $(`#netgear-python-${field}`)
    if (choice.find('option').filter((_, option) => $(option).val() === link[field]).length > 0)
      choice.val(String(link[field]))
  }
  const [port = ''] = portsOf(String(link.port ?? ''))
  if (/^\d+$/.test(port)) $('#netgear-python-port').val(port)
}

function orderInForm(ownKey: OwnKey): PeerKitOrder {
  const text = (field: string) => String($(`#netgear-python-${field}`).val() ?? '').trim()
  return {
    peerName: text('name'),
    ourPublicKey: ownKey.publicKey(),
    ourRole: text('role') === 'sender' ? 'receiver' : 'sender',
    pattern: text('pattern'),
    security: text('security'),
    address: text('address'),
    port: text('port'),
  }
}

function problemWith(order: PeerKitOrder, trusted: TrustedPeersList): string | undefined {
  if (order.peerName === '') return 'python-name'
  if (trusted.peers().some(({ name }) => name === order.peerName)) return 'python-name-taken'
  if (!isZ85Key(order.ourPublicKey)) return 'python-own-key'
  if (order.address === '') return 'python-address'
  return order.port.includes(',') || checkPorts(order.port) ? 'python-port' : undefined
}

function download(content: Blob, fileName: string): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // Only once the browser has taken it may the address go.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
