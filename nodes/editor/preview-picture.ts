import type { LinkFigures } from '../preview/answers'
import { readThumbnail } from './preview-api'

/** Of which ports a link's pictures can be looked at one by one: at a sender's all are the same. */
export function portsOfPictures({ type, ports }: LinkFigures): number[] {
  return type === 'netgear-in' && ports ? ports.map(({ port }) => port) : []
}

/** The port to look at where nobody has chosen one, the first that has somebody: cameras would else take turns in one picture. */
export function portToShow(figures: LinkFigures): number | undefined {
  const [first] = portsOfPictures(figures)
  return first && (figures.ports?.find(({ peers }) => peers > 0)?.port ?? first)
}

/** The newest frame of a running node in an `<img>`, kept in the browser's memory only while it is shown. */
export class PreviewPicture {
  readonly #image: JQuery
  #port: number | undefined
  #tag = ''
  #url = ''

  constructor(image: JQuery) {
    this.#image = image
  }

  /** Shows the newest frame, or that of a port; without one, nothing. Rejects with the reason in words where it cannot be shown. */
  async refresh(nodeId: string, port?: number): Promise<void> {
    if (port !== this.#port) this.clear()
    this.#port = port
    const thumbnail = await readThumbnail(nodeId, port, this.#tag)
    if (port !== this.#port) return
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
