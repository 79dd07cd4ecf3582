import type { LinkOptions } from '../link-options'
import { portsOf } from './field-rules'
import { showRow, textIn, ticked } from './form-fields'
import { asksForOurAddress, type OtherEndKind, problemFor, stepsFor, task } from './other-end-advice'
import { type OtherEndIds, type OwnEnd, otherEndNodes, otherType } from './other-end-node'
import { ownPublicKey } from './other-end-own-key'
import { type OurAddress, readOurAddresses } from './our-addresses'
import { readProgram } from './preview-api'
import { chosenKeys } from './trusted-names'

const PREFIX = 'netgear-other'

/** The "other end" tab of a link's dialog: what to do there, ready to copy, for the link as it stands in the dialog. */
export class OtherEndPane {
  readonly #node: EditorNode<LinkOptions>
  readonly #ids: OtherEndIds = { link: RED.nodes.id(), keys: RED.nodes.id() }
  #addresses: OurAddress[] | undefined
  #question = 0

  constructor(node: EditorNode<LinkOptions>) {
    this.#node = node
    $(`#${PREFIX}-kind, #${PREFIX}-address, #${PREFIX}-port`).on('change', () => this.refresh())
    this.#copies('copy', 'text')
    this.#copies('copy-key', 'own-key')
  }

  /** Shows it anew for the values in the dialog. */
  refresh(): void {
    this.#refresh().catch((error: unknown) => this.#showProblem(error instanceof Error ? error.message : String(error)))
  }

  async #refresh(): Promise<void> {
    const question = ++this.#question
    this.#addresses ??= await readOurAddresses()
    const own = await this.#ownEnd()
    if (question !== this.#question) return
    const kind = textIn('kind', PREFIX) as OtherEndKind
    offer('address', this.#addresses.length > 0 ? this.#addresses : [{ value: 'localhost', text: 'localhost' }])
    this.#offerPorts()
    showRow('address', asksForOurAddress(kind, own), PREFIX)
    const problem = problemFor(kind, own, textIn('dialect'))
    const text = problem ? '' : await this.#textFor(kind, own)
    if (question !== this.#question) return
    this.#show(kind, own, text)
    this.#showProblem(problem ? this.#say(`problem.${problem}`) : '')
  }

  #show(kind: OtherEndKind, own: OwnEnd, text: string): void {
    const secure = own.security !== 'grassland'
    $(`#${PREFIX}-own-key-row`).toggle(secure && own.publicKey !== '')
    $(`#${PREFIX}-own-key`).val(own.publicKey)
    const values = {
      type: this.#say(`type.${otherType(own.type)}`),
      file: fileName(kind, own),
      keys: this.#keysName() || this.#say('type.netgear-keys'),
      address: own.address,
    }
    const steps = text === '' ? [] : stepsFor(kind, own)
    $(`#${PREFIX}-steps`)
      .empty()
      .append(steps.map((step) => $('<li>').text(this.#say(`step.${step}`, values))))
    $(`#${PREFIX}-text-label`).text(kind === 'node' ? this.#say('label.nodes') : fileName(kind, own))
    $(`#${PREFIX}-text`).val(text)
    $(`#${PREFIX}-result`).toggle(text !== '')
  }

  #showProblem(text: string): void {
    $(`#${PREFIX}-problem`)
      .text(text)
      .toggle(text !== '')
    if (text !== '') $(`#${PREFIX}-result`).hide()
  }

  async #ownEnd(): Promise<OwnEnd> {
    const type = this.#node.type === 'netgear-in' ? 'netgear-in' : 'netgear-out'
    const security = textIn('security')
    return {
      type,
      security,
      pattern: textIn('pattern'),
      mode: textIn('mode'),
      protocol: textIn('protocol'),
      address: textIn('address').trim(),
      port: textIn('port'),
      bidirectional: ticked('bidirectional'),
      keys: textIn('keys'),
      publicKey: security === 'grassland' ? '' : await ownPublicKey(textIn('keys'), type),
      trustedAs: textIn('name').trim() || this.#keysName() || 'node-red',
    }
  }

  #textFor(kind: OtherEndKind, own: OwnEnd): Promise<string> {
    const address = asksForOurAddress(kind, own) ? textIn('address', PREFIX) : own.address
    const choice = { address, port: textIn('port', PREFIX) }
    if (kind === 'node') {
      const { defaults } = RED.nodes.getType(otherType(own.type))
      const values = Object.fromEntries(Object.entries(defaults).map(([name, { value }]) => [name, value]))
      return Promise.resolve(JSON.stringify(otherEndNodes(own, choice, this.#ids, values), null, 2))
    }
    const name = task(own) === 'sends' ? 'python-camera' : 'python-receiver'
    const { pattern, security } = own
    return readProgram({ library: kind, task: task(own), name, ...choice, pattern, security })
  }

  #offerPorts(): void {
    const ports = portsOf(textIn('port'))
    offer(
      'port',
      ports.map((port) => ({ value: port, text: port })),
    )
    showRow('port', ports.length > 1, PREFIX)
  }

  #keysName(): string {
    const keys = textIn('keys')
    return chosenKeys(keys) ? String(RED.nodes.node(keys)?.name ?? '') : ''
  }

  #copies(button: string, field: string): void {
    $(`#${PREFIX}-${button}`).on('click', (event) => {
      RED.clipboard.copyText(textIn(field, PREFIX), $(event.currentTarget), 'clipboard.copyMessageValue')
    })
  }

  #say(key: string, values?: Record<string, string>): string {
    return this.#node._(`link.other-end.${key}`, values)
  }
}

/** Puts the choices into a select box; what is chosen stays chosen while it is among them. */
function offer(field: string, choices: { value: string; text: string }[]): void {
  const select = $(`#${PREFIX}-${field}`)
  const chosen = textIn(field, PREFIX)
  select.empty().append(choices.map(({ value, text }) => $('<option>').val(value).text(text)))
  if (choices.some(({ value }) => value === chosen)) select.val(chosen)
}

function fileName(kind: OtherEndKind, own: OwnEnd): string {
  return `${task(own) === 'sends' ? 'send' : 'receive'}_${kind}.py`
}
