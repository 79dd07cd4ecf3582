import { type Certificate, parseCertificate } from '../../lib/keys/certificate'
import { reasonOf } from './note.editor'

const LARGEST_FILE = 64 * 1024

/**
 * Lets the user fill in keys from key files (certificates): dropped on `area`, chosen by `button`, or their text pasted into one of
 * the area's fields.
 *
 * @param take gets the keys and the file's name without its ending (`''` if pasted)
 * @param refuse gets the words for what could not be read
 */
export function acceptCertificates(
  area: JQuery,
  button: JQuery,
  translate: Translate,
  take: (certificate: Certificate, name: string, field: JQuery | undefined) => void,
  refuse: (reason: string) => void,
): void {
  const read = (text: string, name: string, field?: JQuery) => {
    try {
      take(parseCertificate(text), name, field)
    } catch (error) {
      refuse(reasonOf(error))
    }
  }
  const readFiles = async (files: Iterable<File>) => {
    for (const file of files) {
      if (file.size > LARGEST_FILE) refuse(translate('netgear-keys.note.certificate-too-large', { name: file.name }))
      else read(await file.text(), file.name.replace(/\.key(_secret)?$/, ''))
    }
  }
  const readAll = (files: FileList | null | undefined) => {
    readFiles([...(files ?? [])]).catch((error: unknown) => refuse(reasonOf(error)))
  }

  area.on('dragover', (event) => {
    event.preventDefault()
    area.addClass('netgear-drop-target')
  })
  area.on('dragleave drop', () => {
    area.removeClass('netgear-drop-target')
  })
  area.on('drop', (event) => {
    const dropped = (event.originalEvent as DragEvent | undefined)?.dataTransfer
    if (!dropped || dropped.files.length === 0) return
    event.preventDefault()
    readAll(dropped.files)
  })
  area.on('paste', 'input', (event) => {
    const text = (event.originalEvent as ClipboardEvent | undefined)?.clipboardData?.getData('text') ?? ''
    if (!/(public|secret)-key\s*=/.test(text)) return
    event.preventDefault()
    read(text, '', $(event.target))
  })
  button.on('click', () => {
    const picker = $('<input>', { type: 'file', multiple: true })
    picker.on('change', () => readAll((picker[0] as HTMLInputElement | undefined)?.files))
    picker.trigger('click')
  })
}
