import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** The browser that drives the editor tests. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
/** The one that Debian's python3-zmq and python3-numpy belong to; the python3 found first in PATH may be another. */
export const PYTHON = process.env.NETGEAR_PEER_PYTHON ?? '/usr/bin/python3'

const runs = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

const CHECKS = {
  chromium: {
    present: () => existsSync(CHROMIUM),
    remedy: `no browser at ${CHROMIUM}: apt-get install chromium, or set CHROMIUM`,
  },
  'python3-zmq': {
    present: () => runs(PYTHON, '-c', 'import zmq, numpy, cv2'),
    remedy: 'pyzmq, numpy or OpenCV missing: apt-get install python3-zmq python3-numpy python3-opencv',
  },
  ffmpeg: {
    present: () => runs('ffmpeg', '-version'),
    remedy: 'no ffmpeg: apt-get install ffmpeg',
  },
  netns: {
    present: () => runs('unshare', '--net', 'ip', 'link', 'set', 'lo', 'up'),
    remedy: 'no network namespaces: run as root on Linux, with iproute2 installed',
  },
} as const

export type Requirement = keyof typeof CHECKS

export const REQUIREMENTS = Object.keys(CHECKS) as Requirement[]

const results = new Map<Requirement, string | false>()

/** Why something cannot be tested here, and how it could be; false where it can. */
export function missing(requirement: Requirement): string | false {
  let reason = results.get(requirement)
  if (reason === undefined) {
    const { present, remedy } = CHECKS[requirement]
    reason = present() ? false : remedy
    results.set(requirement, reason)
  }
  return reason
}

/**
 * Options for a test that needs a program which may be missing on a developer's machine: it is skipped there, with the reason in the
 * report. Under CI nothing is ever skipped, so that a test which needs a missing program fails.
 */
export function needs(requirement: Requirement): { skip: string | false } {
  return { skip: process.env.CI ? false : missing(requirement) }
}
