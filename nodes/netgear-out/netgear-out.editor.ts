import { completeTypedInput } from '../editor/accessible-widgets'
import { showRow, textIn, ticked } from '../editor/form-fields'
import { answersFrames, clearUnusableReturnChannel, openLinkDialog, returnsData } from '../editor/link-dialog'
import { linkLabel } from '../editor/link-label'
import {
  validateAddress,
  validateChoice,
  validateKeys,
  validateMaxFps,
  validateNumber,
  validatePeer,
  validatePort,
  validateSshHost,
} from '../editor/link-validators'
import { currentValue, isOn } from '../editor/open-dialog'
import { outputsField, type Port } from '../editor/ports'
import { closeLinkTabs, openLinkTabs } from '../editor/preview-tabs'
import { addLinksSidebar } from '../editor/sidebar'
import type { NetgearOutCredentials, NetgearOutOptions } from './netgear-out.options'

type NetgearOutProperties = NetgearOutOptions & { outputs: number }
type NetgearOutNode = EditorNode<NetgearOutProperties>

const encodesJpeg = (node: NetgearOutNode) => currentValue(node, 'encoding', 'jpeg') !== 'raw'
const awaitsAnswers = (node: NetgearOutNode) => currentValue(node, 'pattern', 'pubsub') !== 'pubsub'

function portsWith(returned: boolean, events: boolean): Port[] {
  const ports: Port[] = returned ? ['returned'] : []
  return events ? [...ports, 'events'] : ports
}

function savedPorts(node: NetgearOutNode): Port[] {
  return portsWith(isOn(node.bidirectional) && node.pattern !== 'pubsub', isOn(node.events))
}

RED.nodes.registerType<NetgearOutProperties, NetgearOutCredentials>('netgear-out', {
  category: 'network',
  color: '#9CC5C9',
  defaults: {
    name: { value: '' },
    security: { value: 'ironhouse', validate: validateChoice('grassland', 'stonehouse', 'ironhouse') },
    keys: { value: '', type: 'netgear-keys', validate: validateKeys },
    pattern: { value: 'pubsub', validate: validateChoice('pair', 'reqrep', 'pubsub') },
    mode: { value: 'connect', validate: validateChoice('bind', 'connect') },
    protocol: { value: 'tcp', validate: validateChoice('tcp', 'ipc') },
    address: { value: 'localhost', validate: validateAddress },
    port: { value: '5555', validate: validatePort },
    peer: { value: '', validate: validatePeer },
    maxFps: { value: 0, validate: validateMaxFps },
    bidirectional: { value: false },
    events: { value: false },
    frame: { value: 'payload' },
    frameType: { value: 'msg' },
    data: { value: 'data' },
    dataType: { value: 'msg' },
    encoding: { value: 'jpeg', validate: validateChoice('jpeg', 'raw') },
    quality: { value: 90, validate: validateNumber({ min: 1, max: 100, whole: true }, encodesJpeg) },
    queue: { value: 1, validate: validateNumber({ min: 1, whole: true }) },
    window: { value: 1, validate: validateNumber({ min: 1, max: 64, whole: true }, awaitsAnswers) },
    endOfStream: { value: false },
    dialect: { value: 'netgear', validate: validateChoice('netgear', 'imagezmq') },
    sshHost: { value: '', validate: validateSshHost },
    sshHostKey: { value: '' },
    sshKeyFile: { value: '' },
    outputs: { value: 0 },
  },
  credentials: { sshPassword: { type: 'password' } },
  inputs: 1,
  outputs: 0,
  icon: 'netgear-out.svg',
  align: 'right',
  paletteLabel() {
    return this._('netgear-out.palette')
  },
  label() {
    return linkLabel(this)
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : ''
  },
  inputLabels() {
    return this._('link.port.to-send')
  },
  outputLabels(index) {
    return this._(`link.port.${savedPorts(this)[index] ?? 'events'}`)
  },
  onpaletteadd() {
    addLinksSidebar(this._)
  },
  oneditprepare() {
    openLinkDialog(this, () => {
      showRow('quality', textIn('encoding') !== 'raw')
      showRow('window', answersFrames())
      const tunnels = textIn('mode') === 'connect' && textIn('protocol') === 'tcp'
      showRow('sshHost', tunnels)
      for (const row of ['sshHostKey', 'sshKeyFile', 'sshPassword'])
        showRow(row, tunnels && textIn('sshHost').trim() !== '')
    })
    openLinkTabs(this)
    $('#node-input-frame').typedInput({ types: ['msg', 'flow', 'global'], typeField: '#node-input-frameType' })
    $('#node-input-data').typedInput({
      types: ['msg', 'flow', 'global', 'str', 'num', 'bool', 'json', 'env'],
      typeField: '#node-input-dataType',
    })
    completeTypedInput('frame', this)
    completeTypedInput('data', this)
  },
  oneditsave() {
    clearUnusableReturnChannel()
    $('#node-input-outputs').val(outputsField(savedPorts(this), portsWith(returnsData(), ticked('events'))))
    closeLinkTabs()
  },
  oneditcancel: closeLinkTabs,
  oneditdelete: closeLinkTabs,
})
