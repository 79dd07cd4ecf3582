import type { Certificate } from '../../lib/keys/certificate'
import { isZ85Key } from '../../lib/keys/z85'
import { isVariable } from '../editor/field-rules'
import type { AdminApi, PublicKeyAnswer } from './admin-api.editor'
import { acceptCertificates } from './certificate-input.editor'
import { confirmLoss, reasonOf, showNote } from './note.editor'

/** What Node-RED puts in a password field whose value it does not tell. */
export const STORED_SECRET = '__PWRD__'

const NOTE = '#netgear-own-key-note'
const NO_KEY: PublicKeyAnswer = { publicKey: '', fingerprint: '' }

interface Answer extends PublicKeyAnswer {
  secretKey?: string
  /** Key of the note to show with it. */
  note?: string
}

/** This end's key pair in the dialog. The public key shown is always the server's answer to the secret key, or empty. */
export class OwnKey {
  readonly #api: AdminApi
  readonly #translate: Translate
  readonly #savedPublicKey: string
  readonly #changed: () => void
  readonly #secretField = $('#node-config-input-secretKey')
  readonly #publicField = $('#node-config-input-publicKey')
  #question = 0
  #typing: ReturnType<typeof setTimeout> | undefined

  constructor(api: AdminApi, translate: Translate, savedPublicKey: string, changed: () => void) {
    this.#api = api
    this.#translate = translate
    this.#savedPublicKey = savedPublicKey
    this.#changed = changed
    this.#secretField.on('focus', () => this.#secretField.trigger('select'))
    this.#secretField.on('input', () => this.#secretTyped())
    this.#publicField.on('input', () => this.#changed())
    $('#netgear-copy-public-key').on('click', (event) => {
      RED.clipboard.copyText(this.publicKey(), $(event.currentTarget), 'clipboard.copyMessageValue')
    })
    $('#netgear-generate').on('click', () => this.#generateOnRequest())
    acceptCertificates(
      $('#netgear-own-key'),
      $('#netgear-own-certificate'),
      translate,
      (certificate) => this.#takeCertificate(certificate),
      (reason) => showNote(NOTE, reason, 'error'),
    )
  }

  publicKey(): string {
    return String(this.#publicField.val() ?? '').trim()
  }

  /** Whether a text is the secret key, if the dialog knows that at all. */
  isSecret(text: string): boolean {
    const secret = this.#secret()
    return secret !== '' && secret !== STORED_SECRET && secret === text
  }

  /** Shows the pair that was saved; a node that never had one gets a fresh pair from the server. */
  open(): void {
    const secret = this.#secret()
    if (secret === '' && this.#savedPublicKey === '') {
      this.#generate()
    } else if (secret === '') {
      showNote(NOTE, this.#say('secret-missing'), 'error')
      this.#showPublicKey({ publicKey: this.#savedPublicKey, fingerprint: '' })
    } else {
      this.#derive()
    }
  }

  /** Forgets answers that are still to come. */
  close(): void {
    clearTimeout(this.#typing)
    this.#question++
  }

  #secret(): string {
    return String(this.#secretField.val() ?? '').trim()
  }

  #secretTyped(): void {
    clearTimeout(this.#typing)
    this.#question++
    this.#showPublicKey(NO_KEY)
    this.#typing = setTimeout(() => this.#derive(), 150)
  }

  #derive(certificatePublicKey?: string): void {
    const secret = this.#secret()
    this.#publicField.prop('readonly', !isVariable(secret))
    if (secret === STORED_SECRET || isVariable(secret)) this.#showSaved()
    else if (secret === '') showNote(NOTE, '')
    else if (!isZ85Key(secret)) showNote(NOTE, this.#translate('netgear-keys.error.secret-invalid'), 'error')
    else {
      void this.#ask('deriving', async () => {
        const derived = await this.#api.publicKeyOf(secret)
        if (certificatePublicKey === undefined) return derived
        const belongs = certificatePublicKey === '' || certificatePublicKey === derived.publicKey
        return { ...derived, note: belongs ? 'from-certificate' : 'from-certificate-mismatch' }
      })
    }
  }

  #generate(): void {
    void this.#ask('generating', async () => ({ ...(await this.#api.generateKeyPair()), note: 'generated' }))
  }

  #generateOnRequest(): void {
    if (this.#secret() === '' && this.#savedPublicKey === '') this.#generate()
    else confirmLoss(this.#translate, 'generate', () => this.#generate())
  }

  #showSaved(): void {
    const publicKey = this.#savedPublicKey
    const variable = isVariable(this.#secret())
    this.#showPublicKey({ publicKey, fingerprint: '' })
    if (publicKey === '' && !variable) showNote(NOTE, this.#say('public-unknown'), 'error')
    else showNote(NOTE, variable ? this.#say('variable') : '')
    if (!isZ85Key(publicKey)) return
    const question = ++this.#question
    this.#api.fingerprintOf(publicKey).then(
      ({ fingerprint }) => {
        if (question === this.#question) this.#showPublicKey({ publicKey, fingerprint })
      },
      (error: unknown) => showNote(NOTE, reasonOf(error), 'error'),
    )
  }

  #takeCertificate({ publicKey, secretKey }: Certificate): void {
    if (secretKey === undefined) {
      showNote(NOTE, this.#say('certificate-public-only'), 'error')
      return
    }
    this.#secretField.val(secretKey).trigger('change')
    this.#showPublicKey(NO_KEY)
    this.#derive(publicKey ?? '')
  }

  // The dialog cannot be saved meanwhile, so that no public key is saved that does not belong to the secret one.
  async #ask(waiting: string, ask: () => Promise<Answer>): Promise<void> {
    const question = ++this.#question
    const saveButton = $('#node-config-dialog-ok')
    saveButton.prop('disabled', true)
    showNote(NOTE, this.#say(waiting))
    try {
      const answer = await ask()
      if (question !== this.#question) return
      if (answer.secretKey !== undefined) this.#secretField.val(answer.secretKey).trigger('change')
      this.#showPublicKey(answer)
      showNote(NOTE, answer.note === undefined ? '' : this.#say(answer.note))
    } catch (error) {
      if (question === this.#question) showNote(NOTE, reasonOf(error), 'error')
    } finally {
      if (question === this.#question) saveButton.prop('disabled', false)
    }
  }

  #showPublicKey({ publicKey, fingerprint }: PublicKeyAnswer): void {
    this.#publicField.val(publicKey).trigger('change')
    $('#netgear-fingerprint').text(fingerprint || '–')
    $('#netgear-copy-public-key').prop('disabled', publicKey === '')
    this.#changed()
  }

  #say(note: string): string {
    return this.#translate(`netgear-keys.note.${note}`)
  }
}
