import type { Node, NodeAPI, NodeDef } from 'node-red'
import { wireLimits } from '../../lib/link/limits'
import { Receiver } from '../../lib/link/receiver'
import type { Arrival } from '../../lib/link/receiving-link'
import type { PixelOrder } from '../../lib/video/picture'
import type { WireEnd, WireFrame } from '../../lib/wire/message'
import { asNetgearError, LinkRuntime, type LinkSettings } from '../link-runtime'
import { booleanSetting, choiceSetting, numberSetting } from '../link-settings'
import { registerPreviewAdmin } from '../preview/admin'
import { checkJpegFrame, frameMessage, type OutputPicture } from './frame-message'
import { FrameOutput } from './frame-output'
import type { NetgearInOptions } from './netgear-in.options'
import { ReturnChannel } from './return-channel'

const MAX_FPS = 1000

export = (RED: NodeAPI) => {
  function NetgearIn(this: Node, config: NetgearInOptions & NodeDef) {
    RED.nodes.createNode(this, config)
    const nodeName = this.name || this.type

    const output = new FrameOutput({
      deliver: (picture: OutputPicture, frame: WireFrame, arrival: Arrival) =>
        this.send(frameMessage(picture, frame, arrival, nodeName)),
      dropped: ({ port }) => link.end?.letGo(port),
      failed: (error, arrival) => link.end?.reject(arrival.port, asNetgearError(error)),
    })

    const returnChannel = new ReturnChannel(() => link.failure)

    const ended = (end: WireEnd, arrival: Arrival) => {
      const from = end.from ?? (end.port === undefined ? undefined : String(end.port))
      this.send({
        topic: from ?? nodeName,
        complete: true,
        netgear: { type: 'end', port: arrival.port, ...(end.from && { from: end.from }) },
      })
    }

    const open = (settings: LinkSettings) => {
      const { pixels } = wireLimits(settings.limits)
      output.configure(
        choiceSetting('Output', config.output, ['jpeg', 'raw', 'asis']),
        choiceSetting('Pixels', config.pixels, ['rgb', 'bgr', 'rgba', 'gray']).toUpperCase() as PixelOrder,
        settings.limits,
      )
      const receiver = new Receiver({
        ...settings,
        maxFps: numberSetting('Max fps', config.maxFps, 0, 0, MAX_FPS),
        checkFrame: (frame) => checkJpegFrame(frame, pixels),
        onFrame: (frame, arrival) => {
          output.offer(frame, arrival)
          link.live.showFrame(frame, arrival.port)
        },
        onEnd: (end, arrival) => output.afterFramesOf(end, () => ended(end, arrival)),
      })
      returnChannel.use(receiver, settings.limits)
      return receiver
    }

    const link: LinkRuntime<Receiver> = new LinkRuntime<Receiver>({
      RED,
      node: this,
      config,
      role: 'receiver',
      open,
      sendEvent: (message) => this.send([null, message]),
    })

    if (booleanSetting(config.bidirectional)) {
      this.on('input', (msg, _send, done) => returnChannel.take(msg, done))
    }

    this.on('close', (_removed: boolean, done: () => void) => {
      output.close()
      returnChannel.close()
      link.close().then(done, (error: unknown) => {
        this.error(asNetgearError(error).message)
        done()
      })
    })
  }

  RED.nodes.registerType('netgear-in', NetgearIn)
  registerPreviewAdmin(RED)
}
