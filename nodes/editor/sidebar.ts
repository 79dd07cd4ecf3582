import type { LinkFigures } from '../preview/answers'
import { readFigures } from './preview-api'
import { Poll } from './preview-poll'
import { FigureWords } from './preview-words'
import { SidebarRow } from './sidebar-row'

const ID = 'netgear'
const ACTION = 'netgear:show-links'
const INTERVAL_MS = 1000

/** Adds the tab that shows all running links. Each link node calls it, as each can be switched off alone; the first one adds it. */
export function addLinksSidebar(translate: Translate): void {
  if (RED.actions.list().some(({ id }) => id === ACTION)) return
  const note = $('<div class="netgear-note netgear-links-note" role="status">')
  const list = $('<div class="netgear-links">')
  const content = $('<div class="netgear-sidebar">').append(note, list)
  RED.actions.add(ACTION, () => RED.sidebar.show(ID))
  RED.sidebar.addTab({
    id: ID,
    label: translate('link.sidebar.label'),
    name: translate('link.sidebar.name'),
    content,
    iconClass: 'fa fa-video-camera',
    action: ACTION,
    enableOnEdit: true,
    pinned: false,
  })
  watchLinks(content, list, note, translate)
}

function watchLinks(content: JQuery, list: JQuery, note: JQuery, translate: Translate): void {
  const words = new FigureWords(translate)
  const rows = new Map<string, SidebarRow>()
  const rowOf = (figures: LinkFigures): SidebarRow => {
    const row = rows.get(figures.id) ?? new SidebarRow(figures, words, translate)
    rows.set(figures.id, row)
    return row
  }
  const refresh = async () => {
    try {
      const links = await readFigures()
      const running = new Set(links.map(({ id }) => id))
      for (const [id, row] of rows) {
        if (running.has(id)) continue
        row.remove()
        rows.delete(id)
      }
      note.text(links.length === 0 ? translate('link.sidebar.none') : '')
      for (const figures of links) {
        const row = rowOf(figures)
        row.show(figures)
        if (row.element.parent().length === 0) row.element.appendTo(list)
      }
      for (const { id } of links) await rows.get(id)?.refreshPicture()
    } catch {
      note.text(translate('link.live.unreachable'))
    }
  }
  const [element] = content.get()
  if (element) new Poll(element, INTERVAL_MS, refresh)
}
