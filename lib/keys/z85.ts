import { NetgearError } from '../wire/error'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'
const DIGITS = new Map([...ALPHABET].map((character, digit) => [character, digit]))
const KEY_BYTES = 32
const KEY_CHARACTERS = 40

/**
 * A CURVE key as text (Z85, ZeroMQ RFC 32).
 *
 * @param key 32 bytes
 * @returns 40 characters
 * @throws NetgearError `NETGEAR_KEY_LENGTH` for any other number of bytes
 */
export function z85Encode(key: Uint8Array): string {
  if (key.length !== KEY_BYTES) {
    throw new NetgearError('NETGEAR_KEY_LENGTH', `A CURVE key has ${KEY_BYTES} bytes, this one has ${key.length}.`)
  }
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  let text = ''
  for (let offset = 0; offset < KEY_BYTES; offset += 4) {
    let rest = view.getUint32(offset)
    let group = ''
    for (let i = 0; i < 5; i++) {
      group = ALPHABET.charAt(rest % 85) + group
      rest = Math.floor(rest / 85)
    }
    text += group
  }
  return text
}

/**
 * The 32 bytes of a CURVE key written in Z85. White space is not skipped: trim what a user typed first.
 *
 * @throws NetgearError `NETGEAR_KEY_NOT_Z85` for anything but 40 Z85 characters that stand for 32 bytes. The message never
 * repeats the text, which may be a secret.
 */
export function z85Decode(text: string): Uint8Array {
  if (text.length !== KEY_CHARACTERS) {
    throw notZ85(`it has ${text.length} characters`)
  }
  const key = new Uint8Array(KEY_BYTES)
  const view = new DataView(key.buffer)
  for (let group = 0; group < KEY_BYTES / 4; group++) {
    let value = 0
    for (const character of text.slice(group * 5, group * 5 + 5)) {
      const digit = DIGITS.get(character)
      if (digit === undefined) throw notZ85('it holds a character that Z85 does not have')
      value = value * 85 + digit
    }
    if (value > 0xffffffff) throw notZ85('its characters stand for more than 32 bytes')
    view.setUint32(group * 4, value)
  }
  return key
}

/** Whether a text is a CURVE key in Z85. */
export function isZ85Key(text: string): boolean {
  try {
    z85Decode(text)
    return true
  } catch {
    return false
  }
}

function notZ85(reason: string): NetgearError {
  return new NetgearError(
    'NETGEAR_KEY_NOT_Z85',
    `This is not a key: a key is ${KEY_CHARACTERS} Z85 characters, and ${reason}. Copy the whole key again.`,
  )
}
