import sharp from 'sharp'
import { freePort } from '../free-port'
import { FlowRuntime, helper, netgearIn, netgearOut } from './flow-runtime'

interface Answer {
  status: number
  headers: Record<string, string>
  body: unknown
}
interface Request extends PromiseLike<Answer> {
  set(header: string, value: string): Request
}

/** Asks an admin endpoint below `netgear/`. */
export const get = (path: string): Request =>
  (helper as unknown as { request(): { get(path: string): Request } }).request().get(`/netgear/${path}`)

export const RED_LEFT_BLUE_RIGHT = [
  [255, 0, 0],
  [0, 0, 255],
] as const

/** A picture, red on the left and blue on the right: swapped colours or sides cannot hide. */
export function pixels(width: number, height: number): Buffer {
  const row = Buffer.alloc(width * 3)
  for (let x = 0; x < width; x += 1) row.set(RED_LEFT_BLUE_RIGHT[x < width / 2 ? 0 : 1], x * 3)
  return Buffer.concat(Array.from({ length: height }, () => row))
}

export const jpeg = (width: number, height: number, options: { progressive?: boolean } = {}) =>
  sharp(pixels(width, height), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95, ...options })
    .toBuffer()

/** Starts a runtime with the connected link from «out» to «in», named «yard». */
export async function startLink(
  inOptions: object = {},
  outOptions: { encoding?: string; name?: string } = {},
): Promise<FlowRuntime> {
  const port = String(await freePort())
  const runtime = await FlowRuntime.start([
    netgearIn({ port, name: 'yard', ...inOptions }),
    netgearOut({ port, events: true, wires: [['events']], ...outOptions }),
  ])
  await runtime.connected(outOptions.name)
  return runtime
}
