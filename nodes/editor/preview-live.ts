import type { LinkFigures } from '../preview/answers'
import { readFigures } from './preview-api'
import { PreviewPicture, portsOfPictures, portToShow } from './preview-picture'
import { Poll } from './preview-poll'
import { FigureWords } from './preview-words'

const FIGURES_MS = 1000
const PICTURE_MS = 100

/** The "Live" tab of a deployed link's dialog: the newest frame, figures and last events. Asks for them only while it can be seen. */
export class LivePane {
  readonly #nodeId: string
  readonly #translate: Translate
  readonly #words: FigureWords
  readonly #pane = $('#netgear-live')
  readonly #note = $('#netgear-live-note')
  readonly #picture = new PreviewPicture($('#netgear-live-picture'))
  readonly #polls: Poll[]
  #running = false
  #problem = ''

  constructor(nodeId: string, translate: Translate) {
    this.#nodeId = nodeId
    this.#translate = translate
    this.#words = new FigureWords(translate)
    const [pane] = this.#pane.get()
    this.#polls = pane
      ? [
          new Poll(pane, FIGURES_MS, () => this.#refreshFigures()),
          new Poll(pane, PICTURE_MS, () => this.#refreshPicture()),
        ]
      : []
  }

  close(): void {
    for (const poll of this.#polls) poll.close()
    this.#picture.clear()
  }

  async #refreshFigures(): Promise<void> {
    try {
      const [figures] = await readFigures(this.#nodeId)
      this.#running = figures !== undefined
      if (figures) this.#show(figures)
      this.#tell(figures ? this.#problem : this.#translate(`link.live.${this.#disabled ? 'disabled' : 'not-running'}`))
    } catch (error) {
      this.#running = false
      this.#tell(wordsOf(error) || this.#translate('link.live.unreachable'))
    }
    this.#pane.toggleClass('netgear-live-running', this.#running)
    if (!this.#running) this.#picture.clear()
    this.#problem = ''
  }

  async #refreshPicture(): Promise<void> {
    // After a failure the figures, once in a second, say when to try again.
    if (!this.#running || this.#problem !== '') return
    try {
      await this.#picture.refresh(this.#nodeId, this.#port)
    } catch (error) {
      this.#problem = wordsOf(error) || this.#translate('link.live.unreachable')
      this.#picture.clear()
    }
  }

  #show(figures: LinkFigures): void {
    const words = this.#words
    const values = {
      state: words.state(figures),
      peers: words.peers(figures),
      speed: words.speed(figures),
      frame: words.frame(figures),
      latency: words.latency(figures),
      losses: words.losses(figures),
    }
    for (const [name, text] of Object.entries(values)) $(`#netgear-live-${name}`).text(text)
    $('#netgear-live-state').attr('data-state', figures.state)
    $('#netgear-live-placeholder').text(figures.frame ? '' : words.frame(figures))
    this.#offerPorts(figures)
    this.#showEvents(figures)
  }

  /** Of which port the picture is; what is chosen stays chosen. */
  #offerPorts(figures: LinkFigures): void {
    const ports = portsOfPictures(figures).map(String)
    $('#netgear-live-port-name, #netgear-live-port-choice').toggle(ports.length > 0)
    const select = $('#netgear-live-port')
    if (select.attr('data-ports') === ports.join()) return
    select
      .attr('data-ports', ports.join())
      .empty()
      .append(ports.map((port) => $('<option>').val(port).text(port)))
      .val(String(portToShow(figures) ?? ''))
  }

  get #port(): number | undefined {
    const port = $('#netgear-live-port').val()
    return port ? Number(port) : undefined
  }

  #showEvents(figures: LinkFigures): void {
    const rows = this.#words
      .events(figures)
      .map(({ at, text }) =>
        $('<tr>').append(
          $('<th scope="row">').text(new Date(at).toLocaleTimeString(RED.i18n.lang())),
          $('<td>').text(text),
        ),
      )
    $('#netgear-live-events tbody').empty().append(rows)
  }

  get #disabled(): boolean {
    return RED.nodes.node(this.#nodeId)?.d === true
  }

  #tell(text: string): void {
    if (this.#note.text() !== text) this.#note.text(text)
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
