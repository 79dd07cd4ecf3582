import type { Node, NodeAPI, NodeDef } from 'node-red'
import type { EndOptions } from '../../lib/link/options'
import { Sender } from '../../lib/link/sender'
import type { Answer } from '../../lib/wire/answer'
import { JsonText } from '../../lib/wire/json'
import { asNetgearError, LinkRuntime } from '../link-runtime'
import { booleanSetting, choiceSetting, numberSetting } from '../link-settings'
import { registerPreviewAdmin } from '../preview/admin'
import { ArrivalOrder } from './arrival-order'
import { FrameInput } from './frame-input'
import { type Input, type InputMessage, inputReader } from './input-message'
import type { NetgearOutCredentials, NetgearOutOptions } from './netgear-out.options'
import { returnedMessage } from './returned-message'
import { sshTunnel } from './ssh-settings'

const MAX_FPS = 1000
const MAX_QUEUE = 1000
const MAX_WINDOW = 64

export = (RED: NodeAPI) => {
  function NetgearOut(this: Node<NetgearOutCredentials>, config: NetgearOutOptions & NodeDef) {
    RED.nodes.createNode(this, config)
    // One way: nothing can come back.
    const bidirectional = booleanSetting(config.bidirectional) && config.pattern !== 'pubsub'
    let frames: FrameInput | undefined

    const returned = (answer: Answer, port: number) => {
      const message = returnedMessage(answer, port)
      if (message) this.send(message)
    }

    const open = (settings: EndOptions) => {
      // Everything that a wrong setting can stop comes before the sender, which would stay open.
      const frameOptions = {
        encoding: choiceSetting('Encoding', config.encoding, ['jpeg', 'raw']),
        quality: Math.round(numberSetting('Quality', config.quality, 90, 1, 100)),
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
      frames?.close()
      frames = new FrameInput({
        ...frameOptions,
        dropped: () => sender.letGo(),
        send: (picture, data, burst) => {
          sender.send(picture, data, burst)
          link.live.showFrame(picture)
        },
        end: () => sender.end(),
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

    const read = inputReader(RED, this, config)
    const arrivals = new ArrivalOrder()

    const take = (input: Input, msg: InputMessage, done: (error?: Error) => void) => {
      if (!link.end || !frames) done(link.problemToTell())
      else if (input.kind === 'end') frames.end(done)
      else {
        // Written now: the flow may change it later.
        const data = input.data === undefined ? undefined : JsonText.of(input.data)
        frames.take(input.frame, msg, data, done)
      }
    }

    this.on('input', (msg, _send, done) => {
      if (!link.end) {
        done(link.problemToTell())
        return
      }
      const failed = (error: unknown) => done(asNetgearError(error))
      try {
        arrivals.take(read(msg), (input) => take(input, msg, done), failed)
      } catch (error) {
        failed(error)
      }
    })

    this.on('close', (_removed: boolean, done: () => void) => {
      frames?.close()
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
