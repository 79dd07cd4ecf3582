import { isVariable } from '../editor/field-rules'
import type { AdminApi, DirectoryAnswer, PublicKeyAnswer } from './admin-api.editor'
import { confirmLoss, reasonOf, showNote } from './note.editor'

const NOTE = '#netgear-directory-note'

/** Shows what is in the key directory on the server, and offers to create or replace its files. */
export class KeyDirectoryView {
  readonly #api: AdminApi
  readonly #translate: Translate
  readonly #field = $('#node-config-input-directory')
  #question = 0
  #typing: ReturnType<typeof setTimeout> | undefined

  constructor(api: AdminApi, translate: Translate) {
    this.#api = api
    this.#translate = translate
    this.#field.on('input', () => {
      clearTimeout(this.#typing)
      this.#typing = setTimeout(() => this.open(), 300)
    })
    $('#netgear-directory-reload').on('click', () => this.open())
    $('#netgear-directory-create').on('click', () => {
      void this.#read((path) => api.createDirectory(path), 'created')
    })
    $('#netgear-directory-regenerate').on('click', () => {
      confirmLoss(translate, 'regenerate', () => {
        void this.#read((path) => api.regenerateDirectory(path), 'regenerated')
      })
    })
  }

  /** Reads the directory and shows it. */
  open(): void {
    void this.#read((path) => this.#api.readDirectory(path))
  }

  /** Forgets answers that are still to come. */
  close(): void {
    clearTimeout(this.#typing)
    this.#question++
  }

  #directory(): string {
    return String(this.#field.val() ?? '').trim()
  }

  async #read(ask: (path: string) => Promise<DirectoryAnswer>, doneNote = 'sound'): Promise<void> {
    const question = ++this.#question
    clearTimeout(this.#typing)
    const buttons = $('#netgear-directory .netgear-buttons button')
    if (isVariable(this.#directory())) {
      this.#showRows([])
      buttons.prop('disabled', true)
      showNote(NOTE, this.#say('note.variable-directory'))
      return
    }
    buttons.prop('disabled', false)
    showNote(NOTE, this.#say('note.reading'))
    try {
      const directory = await ask(this.#directory())
      if (question === this.#question) this.#show(directory, doneNote)
    } catch (error) {
      if (question !== this.#question) return
      this.#showRows([])
      showNote(NOTE, reasonOf(error), 'error')
    }
  }

  #show(directory: DirectoryAnswer, doneNote: string): void {
    const missing = directory.files.filter(({ present }) => !present).map(({ name }) => name)
    const key = (own: PublicKeyAnswer | undefined) =>
      own ? `${own.publicKey}\n${this.#say('note.fingerprint', { fingerprint: own.fingerprint })}` : ''
    const usable = directory.own.receiver !== undefined || directory.own.sender !== undefined
    const names = directory.trusted.map(({ name }) => name).join(', ') || this.#say('directory.nobody')
    const rows: [string, string][] = [
      ['path', directory.path],
      ['own-receiver', key(directory.own.receiver)],
      ['own-sender', key(directory.own.sender)],
      ['trusted', usable ? names : ''],
      ['files-missing', missing.join(', ')],
    ]
    this.#showRows(rows.filter(([, text]) => text !== ''))
    $('#netgear-directory-create').prop('disabled', missing.length === 0)
    $('#netgear-directory-regenerate').prop('disabled', missing.length === directory.files.length)
    const problems = [directory.error ?? '', ...directory.warnings].filter((text) => text !== '')
    if (problems.length > 0) showNote(NOTE, problems.join(' '), 'error')
    else showNote(NOTE, this.#say(`note.${doneNote}`))
  }

  #showRows(rows: [string, string][]): void {
    const body = $('#netgear-directory-content tbody').empty()
    for (const [label, text] of rows) {
      const cell = $('<td>').toggleClass('netgear-key', label.startsWith('own-')).text(text)
      const heading = $('<th scope="row">').text(this.#say(`directory.${label}`))
      $('<tr>').append(heading, cell).appendTo(body)
    }
  }

  #say(key: string, values?: Record<string, string>): string {
    return this.#translate(`netgear-keys.${key}`, values)
  }
}
