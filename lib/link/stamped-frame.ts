import type { JsonText } from '../wire/json'
import type { PictureToEncode } from '../wire/picture'

/** A picture on its way out, counted and stamped; each link adds its own pattern and port. */
export interface StampedFrame {
  picture: PictureToEncode
  data?: JsonText
  sender: MessageSender
  seq: number
  timestamp: number
  repeat?: boolean
}

/** What a message says of its sender. */
export interface MessageSender {
  from?: string
  stream: string
}
