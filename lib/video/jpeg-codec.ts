import type { JpegHeader } from './jpeg-header'
import type { PixelOrder, RawPicture } from './picture'

/**
 * A library that turns pixels into JPEGs and back, off the event loop. Callers have checked sizes and header before:
 * some libraries crash on what does not fit. Rejects with the library's own error.
 */
export interface JpegCodec {
  readonly name: 'jpeg-turbo' | 'sharp'
  /** `quality` is 1 to 100. The result has memory of its own. */
  encode(picture: RawPicture, quality: number): Promise<Buffer>
  /** EXIF orientation and colour profiles are left alone, as NetGear's receivers do. */
  decode(jpeg: Buffer, header: JpegHeader, order: PixelOrder): Promise<RawPicture>
}
