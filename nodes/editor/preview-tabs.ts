import type { LinkOptions } from '../link-options'
import { dialogClosed } from './open-dialog'
import { OtherEndPane } from './other-end'
import { LivePane } from './preview-live'

const TABS = ['settings', 'live', 'other-end'] as const

const SETTINGS_PANE =
  '<div id="netgear-settings" class="netgear-pane" role="tabpanel" aria-labelledby="netgear-tab-settings">'

type Tab = (typeof TABS)[number]

let live: LivePane | undefined

/** Prepares the tabs of a link's dialog: its settings, its live picture, and what to do at the other end. */
export function openLinkTabs(node: EditorNode<LinkOptions>): void {
  live = new LivePane(node.id, node._)
  const otherEnd = new OtherEndPane(node)
  const tabs = $('.netgear-tabs')
  tabs.siblings(':not(.netgear-pane)').wrapAll(SETTINGS_PANE)
  const panes = tabs.siblings()
  const show = (tab: Tab) => {
    tabs.children().attr({ 'aria-selected': 'false', tabindex: '-1' })
    $(`#netgear-tab-${tab}`).attr({ 'aria-selected': 'true', tabindex: '0' })
    panes.prop('hidden', true).filter(`#netgear-${tab}`).prop('hidden', false)
    if (tab === 'other-end') otherEnd.refresh()
  }
  TABS.forEach((tab, index) => {
    $(`#netgear-tab-${tab}`)
      .on('click', () => show(tab))
      .on('keydown', (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key ?? '']
        const next = step && TABS[(index + step + TABS.length) % TABS.length]
        if (!next) return
        event.preventDefault()
        show(next)
        $(`#netgear-tab-${next}`).trigger('focus')
      })
  })
}

/** Call it when the dialog closes, however that is done: nothing is asked for any more. */
export function closeLinkTabs(): void {
  live?.close()
  live = undefined
  dialogClosed()
}
