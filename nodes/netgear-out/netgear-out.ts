import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red'
import type { EndOptions } from '../../lib/link/options'
import { Sender } from '../../lib/link/sender'
import type { PictureHints } from '../../lib/video/identify'
import type { Answer } from '../../lib/wire/answer'
import { type JsonValue, parsePythonJson, toJson } from '../../lib/wire/json'
import { asNetgearError, LinkRuntime } from '../link-runtime'
import { booleanSetting, choiceSetting, numberSetting } from '../link-settings'
import { registerPreviewAdmin } from '../preview/admin'
import { FrameInput } from './frame-input'
import type { NetgearOutCredentials, NetgearOutOptions } from './netgear-out.options'
import { evaluateProperty } from './property'
import { returnedMessage } from './returned-message'
import { sshTunnel } from './ssh-settings'

const MAX_FPS = 1000
const MAX_QUEUE = 1000
const MAX_WINDOW = 64

type InputMessage = NodeMessage & PictureHints & { complete?: unknown }

export = (RED: NodeAPI) => {
  function NetgearOut(this: Node<NetgearOutCredentials>, config: NetgearOutOptions & NodeDef) {
    RED.nodes.createNode(this, config)
    // One way: nothing can come back.
    const bidirectional = booleanSetting(config.bidirectional) && config.pattern !== 'pubsub'
    let input: FrameInput | undefined

    const returned = (answer: Answer, port: number) => {
      const message = returnedMessage(answer, port)
      if (message) this.send(message)
    }

    const open = (settings: EndOptions) => {
      // Everything that a wrong setting can stop comes before the sender, which would stay open.
      const frameOptions = {
        encoding: choiceSetting('Encoding', config.encoding, ['jpeg', 'raw']),
        quality: numberSetting('Quality', config.quality, 90, 1, 100),
        maxFps: numberSetting('Max fps', config.maxFps, 0, 0, MAX_FPS),
        queue: numberSetting('Queue', config.queue, 1, 1, MAX_QUEUE),
      }
      const tunnel = sshTunnel(config, this.credentials)
      const sender = new Sender({
        ...settings,
        dialect: choiceSetting('Dialect', config.dialect, ['netgear', 'imagezmq']),
        ...(tunnel && { tunnel }),
        name: this.name ?? '',
        queue: frameOptions.queue,
        window: numberSetting('Window', config.window, 1, 1, MAX_WINDOW),
        ...(bidirectional && { onAnswer: returned }),
      })
      input?.close()
      input = new FrameInput({
        ...frameOptions,
        dropped: () => sender.letGo(),
        send: (picture, data, burst) => {
          sender.send(picture, data, burst)
          link.live.showFrame(picture)
        },
      })
      return sender
    }

    const link: LinkRuntime<Sender> = new LinkRuntime<Sender>({
      RED,
      node: this,
      config,
      role: 'sender',
      open,
      sendEvent: (message) => this.send(bidirectional ? [null, message] : message),
    })

    const take = async (msg: InputMessage, done: (error?: Error) => void) => {
      const { end } = link
      if (!end || !input) {
        done(link.problemToTell())
        return
      }
      const frame = await evaluateProperty(RED, this, msg, config.frame, config.frameType, 'payload')
      if (msg.complete === true && (frame === undefined || frame === null || frame === '')) {
        end.end()
        done()
        return
      }
      const data = await evaluateProperty(RED, this, msg, config.data, config.dataType, 'data')
      input.take(frame, msg, data === undefined ? undefined : asJson(data), done)
    }

    this.on('input', (msg, _send, done) => {
      take(msg, done).catch((error: unknown) => done(asNetgearError(error)))
    })

    this.on('close', (_removed: boolean, done: () => void) => {
      input?.close()
      const endOfStream = booleanSetting(config.endOfStream)
      link
        .close((sender) => sender.close({ endOfStream }))
        .then(done, (error: unknown) => {
          this.error(asNetgearError(error).message)
          done()
        })
    })
  }

  const credentials = { sshPassword: { type: 'password' } } as const
  RED.nodes.registerType<Node<NetgearOutCredentials>, NetgearOutOptions & NodeDef, object, NetgearOutCredentials>(
    'netgear-out',
    NetgearOut,
    { credentials },
  )
  registerPreviewAdmin(RED)
}

/** A copy as JSON has it, taken now: the flow may change the object later. Throws `NETGEAR_DATA_NOT_JSON`. */
function asJson(value: unknown): JsonValue {
  return parsePythonJson(toJson(value))
}
