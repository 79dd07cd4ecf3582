import type { LinkOptions } from '../link-options'
import { announceInvalidFields, completeConfigButtons } from './accessible-widgets'
import { showFieldProblems } from './field-problems'
import { checkAddress, checkPorts, isVariable, leavesThisMachine } from './field-rules'
import { completeFields, showRow, textIn, ticked } from './form-fields'
import { onlyTrusted, summarizeLink } from './link-summary'
import { dialogOpened } from './open-dialog'
import { chosenKeys } from './trusted-names'

const ADVANCED = '#netgear-advanced'

/**
 * Prepares the part of a dialog that `netgear-in` and `netgear-out` share, and keeps it in step with what is chosen.
 *
 * @param showOwnRows shows the rows that only this node type has as its values ask for; called after every change
 */
export function openLinkDialog(node: EditorNode<LinkOptions>, showOwnRows: () => void): void {
  dialogOpened(node)
  completeFields(node)
  completeConfigButtons('keys', node)
  prepareSecurityChoices()
  preparePeerCompletion()
  followModeAndProtocol()
  const refresh = () => {
    showLinkRows()
    showOwnRows()
    showSummary(node)
    showFieldProblems(node)
  }
  const form = $('#node-input-security').closest('form')
  form.on('input change', refresh)
  announceInvalidFields(form)
  $(ADVANCED).prop('open', advancedDiffers(node))
  refresh()
}

/** Whether the chosen pattern answers each frame, as the return channel and the window need. */
export function answersFrames(): boolean {
  return textIn('pattern') !== 'pubsub'
}

/** Whether the link will have a return channel with the values in the dialog. */
export function returnsData(): boolean {
  return answersFrames() && ticked('bidirectional')
}

/** Call it on saving: a pattern that answers no frames has no return channel, whatever was ticked for another pattern. */
export function clearUnusableReturnChannel(): void {
  if (!answersFrames()) $('#node-input-bidirectional:checkbox').prop('checked', false)
}

function prepareSecurityChoices(): void {
  const field = $('#node-input-security')
  const choices = $('input[name="netgear-security"]')
  choices.filter((_, choice) => $(choice).val() === field.val()).prop('checked', true)
  choices.on('change', (event) => {
    field.val(String($(event.target).val())).trigger('change')
  })
}

function preparePeerCompletion(): void {
  $('#node-input-peer').autoComplete({
    minLength: 0,
    search: (text) => {
      const names = chosenKeys(textIn('keys'))?.trusted.map(({ name }) => name) ?? []
      return names
        .filter((name) => name.toLowerCase().includes(text.trim().toLowerCase()))
        .map((name) => ({ value: name, label: RED.utils.sanitize(name) }))
    },
  })
}

// An address that was only the default of one end or protocol makes no sense for another.
function followModeAndProtocol(): void {
  const defaultAddress = () => {
    if (textIn('protocol') === 'ipc') return '/tmp/netgear'
    return textIn('mode') === 'bind' ? '*' : 'localhost'
  }
  let before = defaultAddress()
  $('#node-input-mode, #node-input-protocol').on('change', () => {
    const now = defaultAddress()
    const address = textIn('address').trim()
    if (now !== before && (address === before || address === '')) $('#node-input-address').val(now).trigger('change')
    before = now
  })
}

function showLinkRows(): void {
  const security = textIn('security')
  const mode = textIn('mode')
  const protocol = textIn('protocol')
  const secure = security !== 'grassland'
  showRow('keys', secure)
  showRow('peer', secure && mode !== 'bind')
  showRow('bidirectional', answersFrames())
  const shape = { security, mode, protocol, address: textIn('address') }
  $('#netgear-grassland-warning').toggle(!secure && !isVariable(shape.address) && leavesThisMachine(shape))
}

function showSummary(node: EditorNode<LinkOptions>): void {
  const keys = chosenKeys(textIn('keys'))
  const link = {
    security: textIn('security'),
    mode: textIn('mode'),
    protocol: textIn('protocol'),
    address: textIn('address'),
    port: textIn('port'),
    peer: textIn('peer'),
    keys: textIn('keys'),
    sshHost: textIn('sshHost'),
  }
  const summary = summarizeLink(link, keys, node._, RED.i18n.lang())
  const box = $('#netgear-link-summary')
  // Screen readers read the box out whenever its text is set.
  if (box.text() !== summary) box.text(summary)
  const impossible = checkPorts(link.port) ?? checkAddress(link.address, link)
  const unkeyed = !keys && !isVariable(link.keys)
  box.toggleClass('netgear-summary-warning', link.security === 'grassland' || unkeyed || impossible !== undefined)

  const addressHint = link.protocol === 'ipc' ? 'ipc-address' : `${link.mode === 'bind' ? 'bind' : 'connect'}-address`
  $('#node-input-address').attr('placeholder', node._(`link.placeholder.${addressHint}`))
  const only = keys && onlyTrusted(keys)
  const expected = only ? node._('link.placeholder.only-peer', { name: only.name }) : node._('link.placeholder.own-key')
  $('#node-input-peer').attr('placeholder', keys?.source === 'stored' ? expected : '')
}

function advancedDiffers(node: EditorNode<LinkOptions>): boolean {
  const saved: Record<string, unknown> = node
  return Object.entries(RED.nodes.getType(node.type).defaults).some(
    ([property, { value }]) =>
      $(ADVANCED).find(`#node-input-${property}`).length > 0 && String(saved[property] ?? value) !== String(value),
  )
}
