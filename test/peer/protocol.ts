/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What one NetGear is; the defaults are NetGear's. */
export interface PeerConfig {
  role: 'sender' | 'receiver'
  /** 0 PAIR, 1 REQ/REP, 2 PUB/SUB. */
  pattern: 0 | 1 | 2
  /**
   * As the user gave it: its type is what a multi-server header or a multi-client answer carries. Several for a
   * multi-server receiver or a multi-client sender. 0 binds a free one. Default "5555".
   */
  port?: number | string | (number | string)[]
  /** 0 in clear, 1 StoneHouse (any key gets in), 2 IronHouse (`allowedKeys` get in). */
  secure?: 0 | 1 | 2
  /** Own key pair, Z85. */
  publicKey?: string
  secretKey?: string
  /** Public key of the binding end, where this peer connects. */
  serverKey?: string
  /** Public keys let in, where this peer binds with `secure` 2. */
  allowedKeys?: string[]
  protocol?: 'tcp' | 'ipc'
  /** Host, or for ipc a path, to which NetGear appends `:<port>`. Default: `*` bound, `localhost` connected. */
  address?: string
  /** Default: a receiver binds, a sender connects. */
  mode?: 'bind' | 'connect'
  bidirectional?: boolean
  multiServer?: boolean
  multiClient?: boolean
  /** Seconds that a sender waits for an answer, default 4. */
  requestTimeout?: number
  /**
   * What NetGear does after a time-out (a sender's `requestTimeout`, a receiver's silence of three times that): a new
   * socket without CURVE, and giving up at the `maxRetries`th (3). Default false: the socket stays as it is.
   */
  reconnectInClear?: boolean
  maxRetries?: number
  /** Whether a receiver falls silent at the end of the stream, as NetGear's does (default), or goes on. */
  endsOnTermination?: boolean
}

/** The picture of a seed (see formula.py; shape `[height, width]` or `[height, width, channels]`), or a JPEG file. */
export type PictureSpec =
  | { seed: number; shape: number[]; dtype?: string }
  | { jpeg: string; colorspace?: string; dct?: boolean; ups?: boolean }

export interface Answer {
  /** Each part in base64. */
  parts: string[]
  /** The first part if it is a JSON object. */
  header: { [key: string]: Json } | null
  /** Why a NetGear in the sender's mode would fail on this answer; null if it would not. */
  complaint: string | null
  milliseconds: number
}

export interface SendResult {
  /**
   * false if the socket took nothing for the `requestTimeout`: nobody is there, or it was refused for good (a NetGear
   * hangs then).
   */
  sent: boolean
  /** The header exactly as sent. */
  headerText: string
  /** null in pattern 2, and where no answer came in time. */
  answer: Answer | null
}

interface Nothing {
  [key: string]: never
}

/** Commands, what they take, and what they result in. */
export interface Commands {
  /** Sender: one frame; `messageJson` for a message that JavaScript cannot write, such as NaN. */
  send: { parameters: { picture: PictureSpec; message?: Json; messageJson?: string }; result: SendResult }
  /**
   * Sender: `count` frames, `fps` of them a second (0: as fast as they are answered). Seeds count up from the
   * picture's; each message gets `index` and `seed`.
   */
  burst: {
    parameters: { picture: PictureSpec; count: number; fps?: number; message?: { [key: string]: Json } }
    result: { sent: number; answered: number; complaints: string[]; seconds: number }
  }
  /** Sender: arbitrary parts, in base64. */
  sendGarbage: { parameters: { parts: string[]; awaitAnswerFor?: number }; result: { answer: Answer | null } }
  /** Sender: the end of stream; in multi-client mode one message for every receiver that has answered. */
  terminate: { parameters: Nothing; result: { sent: number; answers: (Answer | null)[] } }
  /** Receiver: what a bidirectional or multi-client receiver answers from now on. */
  setReturn: { parameters: { value: Json } | { valueJson: string } | { picture: PictureSpec }; result: null }
  /**
   * Receiver: answers as NetGear, with nothing (in pattern 1 it is deaf then; the one answer that is owed goes out
   * when it answers again), or with these base64 parts; `delay` in seconds before each answer.
   */
  setAnswering: {
    parameters: { with: 'netgear' | 'nothing' | 'parts'; parts?: string[]; delay?: number }
    result: null
  }
  /** Receiver: writes each body to `<directory>/<index>.body`. */
  store: { parameters: { directory: string | null }; result: null }
  /** Neither sends nor receives for so long. */
  pause: { parameters: { seconds: number }; result: null }
  /** A new socket at the same endpoints; `inClear`: as NetGear does after a time-out. */
  reconnect: { parameters: { inClear: boolean }; result: null }
  /** Ends a burst or a pause early. */
  stop: { parameters: Nothing; result: null }
}

export type CommandName = keyof Commands

interface Transport {
  /** libzmq's name of the event. */
  cause: string
  /** The event's value: for `refused` the ZAP status or the error number. */
  code: number
  endpoint: string
}

export type PeerEvent =
  | { event: 'ready'; endpoints: string[]; ports: string[] }
  /** Receiver: a message that is no end of stream, however odd. It has been answered before this is reported. */
  | {
      event: 'message'
      index: number
      /** Arrival, ms since 1970. */
      time: number
      partLengths: number[]
      headerText: string
      /** The header if it is a JSON object; NaN and infinities in it have become text. */
      header: { [key: string]: Json } | null
      /** Why a NetGear receiver in this mode would not deliver it; null if it would. */
      complaint: string | null
      /** Of the second part, in hexadecimal. */
      sha256: string
      /** Whether raw pixels are those of the seed in `header.message.seed`; null if that cannot be said. */
      pixelsMatch: boolean | null
      storedAt: string | null
    }
  /** Receiver: an end of stream; `known` is false in multi-server mode for a port of which nothing came before. */
  | { event: 'termination'; header: { [key: string]: Json }; time: number; known: boolean; allEnded: boolean }
  /** The binding end with CURVE: its authenticator's decision. */
  | { event: 'zap'; address: string; key: string; accepted: boolean }
  | ({ event: 'handshake' } & Transport)
  | ({ event: 'refused' } & Transport)
  | ({ event: 'disconnected' } & Transport)
  /** With `reconnectInClear`. */
  | { event: 'reconnectedInClear' }
  | { event: 'gaveUp' }
  /** Something went wrong with no command to blame. */
  | { event: 'error'; error: string }

export type EventName = PeerEvent['event']
export type EventOf<Name extends EventName> = Extract<PeerEvent, { event: Name }>
