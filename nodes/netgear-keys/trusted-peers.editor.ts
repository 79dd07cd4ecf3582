import type { Certificate } from '../../lib/keys/certificate'
import { checkTrustList, type TrustedPeer, type TrustListProblem } from '../../lib/keys/trust-list'
import { isZ85Key } from '../../lib/keys/z85'
import { nameRemoveButton } from '../editor/accessible-widgets'
import { isVariable } from '../editor/field-rules'
import type { AdminApi } from './admin-api.editor'
import { acceptCertificates } from './certificate-input.editor'
import { reasonOf, showNote } from './note.editor'
import type { OwnKey } from './own-key.editor'

const NOTE = '#netgear-trusted-note'

/** What is wrong with a trust list. Keys from environment variables can only be checked where Node-RED runs. */
export function trustListProblems(peers: readonly TrustedPeer[], ownPublicKey: string): TrustListProblem[] {
  return checkTrustList(peers, ownPublicKey).filter(
    ({ index, code }) => code !== 'NETGEAR_TRUSTED_KEY_INVALID' || !isVariable(peers[index]?.publicKey),
  )
}

/** The list of trusted peers in the dialog, checked as the user types. */
export class TrustedPeersList {
  readonly #api: AdminApi
  readonly #translate: Translate
  readonly #ownKey: OwnKey
  readonly #list = $('#netgear-trusted-list')
  readonly #fingerprints = new Map<string, Promise<string>>()

  constructor(api: AdminApi, translate: Translate, ownKey: OwnKey, peers: readonly TrustedPeer[]) {
    this.#api = api
    this.#translate = translate
    this.#ownKey = ownKey
    this.#list.editableList<Partial<TrustedPeer>>({
      addItem: (row, _index, peer) => this.#buildRow(row, peer),
      // The row is still in the list while this is called.
      removeItem: () => setTimeout(() => this.check()),
      addButton: translate('netgear-keys.button.add-peer'),
      removable: true,
      sortable: false,
      height: 'auto',
    })
    for (const { name, publicKey } of peers) this.#list.editableList('addItem', { name, publicKey })
    acceptCertificates(
      $('#netgear-trusted'),
      $('#netgear-peer-certificate'),
      translate,
      (certificate, name, field) => this.#takeCertificate(certificate, name, field),
      (reason) => showNote(NOTE, reason, 'error'),
    )
    this.check()
  }

  /** The entries as they stand; rows without any text do not count. */
  peers(): TrustedPeer[] {
    return this.#rows()
      .map(({ name, publicKey }) => ({ name, publicKey }))
      .filter(({ name, publicKey }) => name !== '' || publicKey !== '')
  }

  add(name: string, publicKey: string): void {
    this.#list.editableList('addItem', { name, publicKey })
    this.check()
  }

  /** Says under each row what is wrong with it, else its key's fingerprint. */
  check(): void {
    const rows = this.#rows().filter(({ name, publicKey }) => name !== '' || publicKey !== '')
    const problems = trustListProblems(rows, this.#ownKey.publicKey())
    rows.forEach(({ publicKey, row }, index) => {
      const codes: string[] = problems.filter((problem) => problem.index === index).map(({ code }) => code)
      if (this.#ownKey.isSecret(publicKey)) codes.unshift('own-secret')
      const aboutName = (code: string) => code.includes('_NAME_')
      row.find('.netgear-peer-name').toggleClass('input-error', codes.some(aboutName))
      row.find('.netgear-peer-key').toggleClass('input-error', !codes.every(aboutName))
      const note = row.find('.netgear-peer-note')
      const words = codes.map((code) => this.#translate(`netgear-keys.problem.${code}`)).join(' ')
      if (words !== '') showNote(note, words, 'error')
      else this.#showFingerprint(note, publicKey)
    })
  }

  #rows(): { name: string; publicKey: string; row: JQuery }[] {
    return this.#list
      .editableList('items')
      .toArray()
      .map((element) => {
        const row = $(element)
        const text = (selector: string) => String(row.find(selector).val() ?? '').trim()
        return { name: text('.netgear-peer-name'), publicKey: text('.netgear-peer-key'), row }
      })
  }

  #buildRow(row: JQuery, peer: Partial<TrustedPeer>): void {
    const say = (key: string) => this.#translate(`netgear-keys.label.${key}`)
    const noteId = `netgear-peer-note-${RED.nodes.id()}`
    const cell = $('<div class="netgear-peer">').appendTo(row)
    const field = (style: string, label: string, text: string | undefined) =>
      $('<input>', { type: 'text', class: style, placeholder: label, spellcheck: 'false' })
        .attr({ 'aria-label': label, 'aria-describedby': noteId })
        .val(text ?? '')
        .on('input', () => this.check())
        .appendTo(cell)
    nameRemoveButton(row, this.#translate('netgear-keys.button.remove-peer'))
    const name = field('netgear-peer-name', say('peer-name'), peer.name)
    field('netgear-peer-key netgear-key', say('publicKey'), peer.publicKey)
    $('<div class="netgear-peer-note" role="status">').attr('id', noteId).appendTo(cell)
    if (peer.name === undefined) setTimeout(() => name.trigger('focus'))
  }

  #takeCertificate({ publicKey, secretKey }: Certificate, fileName: string, field: JQuery | undefined): void {
    if (publicKey === undefined) {
      showNote(NOTE, this.#translate('netgear-keys.note.certificate-secret-only'), 'error')
      return
    }
    if (field) {
      field.closest('.netgear-peer').find('.netgear-peer-key').val(publicKey)
      this.check()
    } else {
      this.add(fileName, publicKey)
    }
    const name = fileName || this.#translate('netgear-keys.note.pasted')
    const note = secretKey === undefined ? 'peer-taken' : 'peer-taken-secret'
    showNote(NOTE, this.#translate(`netgear-keys.note.${note}`, { name }), secretKey === undefined ? 'plain' : 'error')
  }

  #showFingerprint(note: JQuery, publicKey: string): void {
    if (!isZ85Key(publicKey)) {
      showNote(note, '')
      return
    }
    let fingerprint = this.#fingerprints.get(publicKey)
    if (!fingerprint) {
      fingerprint = this.#api.fingerprintOf(publicKey).then((answer) => answer.fingerprint)
      this.#fingerprints.set(publicKey, fingerprint)
    }
    const row = note.closest('.netgear-peer')
    fingerprint.then(
      (text) => {
        const unchanged = String(row.find('.netgear-peer-key').val()).trim() === publicKey
        const sound = row.find('.input-error').length === 0
        if (unchanged && sound) showNote(note, this.#translate('netgear-keys.note.fingerprint', { fingerprint: text }))
      },
      (error: unknown) => {
        this.#fingerprints.delete(publicKey)
        showNote(note, reasonOf(error), 'error')
      },
    )
  }
}
