import { showRow, textIn, ticked } from '../editor/form-fields'
import { clearUnusableReturnChannel, openLinkDialog, returnsData } from '../editor/link-dialog'
import { linkLabel } from '../editor/link-label'
import {
  validateAddress,
  validateChoice,
  validateKeys,
  validateMaxFps,
  validatePeer,
  validatePort,
} from '../editor/link-validators'
import { isOn } from '../editor/open-dialog'
import { outputsField, type Port } from '../editor/ports'
import { closeLinkTabs, openLinkTabs } from '../editor/preview-tabs'
import { addLinksSidebar } from '../editor/sidebar'
import type { NetgearInOptions } from './netgear-in.options'

type NetgearInProperties = NetgearInOptions & { inputs: 0 | 1; outputs: number }

const portsWith = (events: boolean): Port[] => (events ? ['frames', 'events'] : ['frames'])

RED.nodes.registerType<NetgearInProperties>('netgear-in', {
  category: 'network',
  color: '#9CC5C9',
  defaults: {
    name: { value: '' },
    security: { value: 'ironhouse', validate: validateChoice('grassland', 'stonehouse', 'ironhouse') },
    keys: { value: '', type: 'netgear-keys', validate: validateKeys },
    pattern: { value: 'pubsub', validate: validateChoice('pair', 'reqrep', 'pubsub') },
    mode: { value: 'bind', validate: validateChoice('bind', 'connect') },
    protocol: { value: 'tcp', validate: validateChoice('tcp', 'ipc') },
    address: { value: '*', validate: validateAddress },
    port: { value: '5555', validate: validatePort },
    peer: { value: '', validate: validatePeer },
    maxFps: { value: 0, validate: validateMaxFps },
    bidirectional: { value: false },
    events: { value: false },
    output: { value: 'jpeg', validate: validateChoice('jpeg', 'raw', 'asis') },
    pixels: { value: 'rgb', validate: validateChoice('rgb', 'bgr', 'rgba', 'gray') },
    inputs: { value: 0 },
    outputs: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  icon: 'netgear-in.svg',
  paletteLabel() {
    return this._('netgear-in.palette')
  },
  label() {
    return linkLabel(this)
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : ''
  },
  inputLabels() {
    return this._('link.port.to-return')
  },
  outputLabels(index) {
    return this._(`link.port.${portsWith(isOn(this.events))[index] ?? 'frames'}`)
  },
  onpaletteadd() {
    addLinksSidebar(this._)
  },
  oneditprepare() {
    openLinkDialog(this, () => showRow('pixels', textIn('output') === 'raw'))
    openLinkTabs(this)
  },
  oneditsave() {
    clearUnusableReturnChannel()
    $('#node-input-inputs').val(returnsData() ? 1 : 0)
    $('#node-input-outputs').val(outputsField(portsWith(isOn(this.events)), portsWith(ticked('events'))))
    closeLinkTabs()
  },
  oneditcancel: closeLinkTabs,
  oneditdelete: closeLinkTabs,
})
