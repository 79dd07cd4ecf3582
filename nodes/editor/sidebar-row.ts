import type { LinkFigures } from '../preview/answers'
import { PreviewPicture, portToShow } from './preview-picture'
import type { FigureWords } from './preview-words'

/** One link in the sidebar: its picture, its state and its speed. A click shows the node in the workspace. */
export class SidebarRow {
  readonly element: JQuery
  readonly #words: FigureWords
  readonly #translate: Translate
  readonly #id: string
  #port: number | undefined
  readonly #picture: PreviewPicture
  readonly #name = $('<span class="netgear-link-name">')
  readonly #state = $('<span class="netgear-link-state">')
  readonly #speed = $('<span class="netgear-link-figure">')
  readonly #peers = $('<span class="netgear-link-figure">')

  constructor({ id, editorId }: LinkFigures, words: FigureWords, translate: Translate) {
    this.#id = id
    this.#words = words
    this.#translate = translate
    const image = $('<img alt="">')
    this.#picture = new PreviewPicture(image)
    const texts = $('<span class="netgear-link-texts">').append(this.#name, this.#state, this.#speed, this.#peers)
    this.element = $('<button type="button" class="netgear-link">')
      .attr('data-node', id)
      .append($('<span class="netgear-picture">').append(image), texts)
      .on('click', () => RED.view.reveal(editorId))
  }

  show(figures: LinkFigures): void {
    const arrow = figures.type === 'netgear-in' ? 'in' : 'out'
    this.#name.text(figures.name || `${this.#translate(`link.other-end.type.${figures.type}`)} :${figures.port}`)
    this.#name.attr('data-direction', arrow)
    this.#state.text(this.#words.state(figures)).attr('data-state', figures.state)
    const { stats } = figures
    this.#port = portToShow(figures)
    this.#speed.text(stats && figures.frame ? this.#words.speed(figures) : '')
    this.#peers.text(stats && stats.peers > 0 ? this.#words.peers(figures) : '')
  }

  /** Never rejects: without a picture the row says enough. */
  async refreshPicture(): Promise<void> {
    await this.#picture.refresh(this.#id, this.#port).catch(() => this.#picture.clear())
  }

  remove(): void {
    this.#picture.clear()
    this.element.remove()
  }
}
