/** Repeatable random numbers (mulberry32): the same seed gives the same run. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, limit)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }
}

const TELLING = [
  '{',
  '}',
  '[',
  '"',
  ',',
  ':',
  '-1',
  '1e999',
  'NaN',
  '9'.repeat(40),
  '\\u0000',
  'true',
  'null',
  '__proto__',
  '../',
  '\xff\xd8',
  '\xff\xd9',
  '\xff\xda',
]

/** A damaged copy: bytes flipped, cut, doubled, or replaced by what parsers stumble over. */
export function mutate(seed: Buffer, dice: Dice): Buffer {
  let bytes: Buffer = Buffer.from(seed)
  for (let round = dice.below(6); round >= 0; round -= 1) {
    const at = dice.below(bytes.length + 1)
    const until = at + dice.below(Math.min(64, bytes.length - at + 1))
    const telling = Buffer.from(dice.pick(TELLING), 'latin1')
    switch (dice.below(6)) {
      case 0:
        if (at < bytes.length) bytes[at] = dice.below(256)
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(until)])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, until), bytes.subarray(at)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), telling, bytes.subarray(at)])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), telling, bytes.subarray(until)])
        break
      default:
        bytes = Buffer.from(bytes.subarray(0, at))
    }
  }
  return bytes
}
