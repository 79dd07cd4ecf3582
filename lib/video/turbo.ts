import type { JpegCodec } from './jpeg-codec'
import { CHANNELS } from './picture'
import { ScratchBuffers } from './scratch'

const scratchBuffers = new ScratchBuffers()

type Turbo = typeof import('@julusian/jpeg-turbo')

/**
 * The codec on top of @julusian/jpeg-turbo, or undefined where that optional dependency is not there or does not load.
 * It takes and gives every pixel order directly.
 */
export function loadTurbo(): JpegCodec | undefined {
  try {
    const { version } = require('@julusian/jpeg-turbo/package.json') as { version: string }
    // Version 3 is built for Node-API 10, and ends the process where that is missing, instead of throwing.
    if (Number.parseInt(version, 10) >= 3 && Number(process.versions.napi) < 10) return undefined
    return turboCodec(require('@julusian/jpeg-turbo') as Turbo)
  } catch {
    return undefined
  }
}

function turboCodec(turbo: Turbo): JpegCodec {
  const format = {
    RGB: turbo.FORMAT_RGB,
    BGR: turbo.FORMAT_BGR,
    RGBA: turbo.FORMAT_RGBA,
    BGRA: turbo.FORMAT_BGRA,
    GRAY: turbo.FORMAT_GRAY,
  }
  return {
    name: 'jpeg-turbo',
    encode({ data, width, height, order }, quality) {
      const subsampling = order === 'GRAY' ? turbo.SAMP_GRAY : turbo.SAMP_420
      const worstCase = turbo.bufferSize({ width, height, subsampling })
      return scratchBuffers.lend(worstCase, async (scratch) => {
        const options = { format: format[order], width, height, quality, subsampling }
        const encoded = await turbo.compress(data, scratch, options)
        const jpeg = Buffer.allocUnsafeSlow(encoded.length)
        encoded.copy(jpeg)
        return jpeg
      })
    },
    async decode(jpeg, { width, height }, order) {
      const channels = CHANNELS[order]
      // Given the memory, it refuses a JPEG that it finds larger than we did, instead of computing a size of its own.
      const pixels = Buffer.allocUnsafeSlow(width * height * channels)
      const decoded = await turbo.decompress(jpeg, pixels, { format: format[order] })
      if (decoded.width !== width || decoded.height !== height) {
        throw new Error(`The decoder found ${decoded.width} x ${decoded.height}, the header says ${width} x ${height}`)
      }
      return { kind: 'raw', data: pixels, width, height, channels, order }
    },
  }
}
