import type { LinkState } from '../../lib/link/link-events'
import { readJpegHeader } from '../../lib/video/jpeg-header'
import type { PictureToEncode } from '../../lib/wire/picture'
import type { LinkEnd } from '../link-end'
import type { LinkFigures } from './answers'
import type { LiveLink } from './live-link'

/** What the editor shows of a link. Public things only: names, addresses, public keys. */
export function figuresOf(link: LiveLink): LinkFigures {
  const { node, config, end, problem } = link.watched
  const open = end()
  const { newest } = link
  return {
    id: node.id,
    editorId: link.editorId,
    type: node.type,
    name: node.name ?? '',
    port: typeof config.port === 'object' ? '' : String(config.port ?? ''),
    pattern: config.pattern,
    security: config.security,
    ...describeState(open?.state ?? { state: 'failed', error: problem() }),
    ...(open && { stats: open.stats(), ...statsOfPorts(open) }),
    ...(newest && { frame: { ...describeFrame(newest.picture), age: newest.age } }),
    peers: link.peers.list.map((peer) => ({ ...(config.mode === 'connect' && { address: config.address }), ...peer })),
    events: link.events.map(({ at, event }) => ({ at, ...event })),
  }
}

function statsOfPorts(end: LinkEnd): Pick<LinkFigures, 'ports'> {
  const ports = [...end.statsByPort()].map(([port, { peers, fps, bitsPerSecond }]) => ({
    port,
    peers,
    fps,
    bitsPerSecond,
  }))
  return ports.length > 1 ? { ports } : {}
}

function describeState(state: LinkState): Pick<LinkFigures, 'state' | 'reason'> {
  return 'error' in state ? { state: state.state, reason: state.error.message } : { state: state.state }
}

function describeFrame(picture: PictureToEncode): Omit<NonNullable<LinkFigures['frame']>, 'age'> {
  const { encoding, body } = picture
  if (picture.encoding === 'raw') {
    const [height = 0, width = 0] = picture.shape
    return { encoding, bytes: body.length, width, height }
  }
  try {
    const { width, height } = readJpegHeader(body)
    return { encoding, bytes: body.length, width, height }
  } catch {
    return { encoding, bytes: body.length }
  }
}
