import { strToU8, type Zippable, zipSync } from 'fflate'
import type { PeerKit } from './peer-kit'

const UNIX = 3
const REGULAR_FILE = 0o100000

/**
 * A peer kit as a ZIP archive: one folder, the files' Unix modes kept.
 *
 * @param folder name of that folder; see `peerKitFolder`
 */
export function zipPeerKit(kit: PeerKit, folder: string): Uint8Array {
  const files: Zippable = {}
  for (const { path, text, mode } of kit.files) {
    files[`${folder}/${path}`] = [strToU8(text), { os: UNIX, attrs: ((REGULAR_FILE | mode) << 16) >>> 0 }]
  }
  return zipSync(files)
}

/** A folder name for a peer's kit that every file system takes: `netgear-peer-front-door` for “Front door”. */
export function peerKitFolder(peerName: string): string {
  const plain = peerName
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  return plain === '' ? 'netgear-peer' : `netgear-peer-${plain}`
}
