import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Checks what NETGEAR_DEMO_SOURCE names: a camera such as /dev/video0, a video file, or an address that ffmpeg can open.
 *
 * @param {string | undefined} source as the user gave it
 * @param {string} folder what a relative path is relative to
 * @returns {string | undefined} the source with its whole path; undefined for the generated scene
 * @throws {Error} that says what is missing and what to do
 */
export function videoSource(source, folder) {
  if (!source) return undefined
  if (spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).error) {
    throw new Error(
      'NETGEAR_DEMO_SOURCE needs ffmpeg, which is not there. ' +
        'Install it (Debian: apt-get install ffmpeg), or start without NETGEAR_DEMO_SOURCE for a generated picture.',
    )
  }
  if (source.includes('://')) return source
  const path = resolve(folder, source)
  if (existsSync(path)) return path
  throw new Error(
    `NETGEAR_DEMO_SOURCE is ${source}, and there is no ${path}. Give a camera such as /dev/video0, or a file.`,
  )
}
