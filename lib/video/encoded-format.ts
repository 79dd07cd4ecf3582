import type { EncodedFormat } from './picture'

/** First bytes of a kind of file: hexadecimal, `..` for any byte. */
type Signature<Name extends string> = readonly [name: Name, hex: string]

const READABLE: readonly Signature<EncodedFormat>[] = [
  ['png', '89504e470d0a1a0a'],
  ['webp', '52494646........57454250'],
  ['gif', '474946383961'],
  ['gif', '474946383761'],
  ['tiff', '49492a00'],
  ['tiff', '4d4d002a'],
  ['tiff', '49492b00'],
  ['tiff', '4d4d002b'],
  ['avif', '........6674797061766966'],
  ['avif', '........6674797061766973'],
]

const UNREADABLE: readonly Signature<string>[] = [
  ['a BMP picture', '424d........00000000'],
  ['a HEIC picture', '........66747970686569'],
  ['a HEIC picture', '........667479706d696631'],
  ['a JPEG XL picture', 'ff0a'],
  ['a JPEG XL picture', '0000000c4a584c20'],
  ['an SVG drawing', '3c737667'],
  ['an XML file', '3c3f786d6c'],
  ['an MP4 video', '........66747970'],
  ['an MP4 video', '........6d6f6f66'],
  ['an H.264 or H.265 video stream', '00000001'],
  ['a Matroska or WebM video', '1a45dfa3'],
]

/** Which picture file begins like this; JPEG is not among them. */
export function encodedFormat(bytes: Buffer): EncodedFormat | undefined {
  return named(READABLE, bytes)
}

/** A well-known kind of file that cannot be read here, in words for an error's text. */
export function unreadableFormat(bytes: Buffer): string | undefined {
  return named(UNREADABLE, bytes)
}

function named<Name extends string>(signatures: readonly Signature<Name>[], bytes: Buffer): Name | undefined {
  const start = bytes.subarray(0, 16).toString('hex')
  return signatures.find(([, hex]) => begins(start, hex))?.[0]
}

function begins(start: string, hex: string): boolean {
  if (start.length < hex.length) return false
  for (let index = 0; index < hex.length; index++) {
    if (hex[index] !== '.' && hex[index] !== start[index]) return false
  }
  return true
}
