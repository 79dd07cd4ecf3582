import { readThumbnail } from './preview-api'

/** The newest frame of a running node in an `<img>`, kept in the browser's memory only while it is shown. */
export class PreviewPicture {
  readonly #image: JQuery
  #tag = ''
  #url = ''

  constructor(image: JQuery) {
    this.#image = image
  }

  /** Shows the newest frame; without one, nothing. Rejects with the reason in words where it cannot be shown. */
  async refresh(nodeId: string): Promise<void> {
    const thumbnail = await readThumbnail(nodeId, this.#tag)
    if (thumbnail === undefined) this.clear()
    else if (thumbnail !== 'unchanged') {
      this.#tag = thumbnail.tag
      this.#show(URL.createObjectURL(thumbnail.jpeg))
    }
  }

  clear(): void {
    this.#tag = ''
    this.#image.removeAttr('src').removeClass('netgear-picture-shown')
    this.#revoke('')
  }

  #show(url: string): void {
    const before = this.#url
    this.#url = url
    // The one before may go only when the new one is there, or the picture would flicker.
    this.#image.one('load error', () => {
      if (before !== '') URL.revokeObjectURL(before)
    })
    this.#image.attr('src', url).addClass('netgear-picture-shown')
  }

  #revoke(next: string): void {
    if (this.#url !== '') URL.revokeObjectURL(this.#url)
    this.#url = next
  }
}
