import { existsSync } from 'node:fs'
import { isAbsolute, join, parse, resolve, sep } from 'node:path'
import { mayHoldKey } from './quoted'

/**
 * Whether what stands in the place of a path may be a key that was pasted there. Some keys begin with a slash, and some paths have the
 * letters of a key: those exist, or the first of their folders does.
 */
export function isPastedKey(path: string): boolean {
  if (!mayHoldKey(path)) return false
  const whole = resolve(path)
  const { root } = parse(whole)
  const [firstFolder = ''] = whole.slice(root.length).split(sep)
  return !isAbsolute(path) || !existsSync(join(root, firstFolder))
}
