import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Tells when the files below a `keys` folder may have changed: added, removed, written, replaced, other mode. Polls, so that it works
 * on network folders, through links, and before the folder exists. Never throws.
 *
 * @param onChange called after a change was seen, and once after the first look, so that nothing between the caller's own
 * reading and that look gets lost; must not throw
 * @param interval milliseconds from one look to the next
 * @returns stops watching; `onChange` is not called afterwards
 */
export function watchKeyDirectory(path: string, onChange: () => void, interval = 500): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let lastSeen: string | undefined
  const look = async () => {
    const seen = await signature(path)
    if (stopped) return
    timer = setTimeout(() => void look(), interval)
    timer.unref()
    if (seen === lastSeen) return
    lastSeen = seen
    onChange()
  }
  void look()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

async function signature(path: string): Promise<string> {
  const folders = [join(path, 'public_keys'), join(path, 'private_keys')]
  return JSON.stringify(await Promise.all(folders.map(folderSignature)))
}

async function folderSignature(folder: string): Promise<unknown> {
  try {
    const files = (await readdir(folder)).sort()
    // The folder itself counts too: it shows that a file came and went between two looks.
    return await Promise.all(['.', ...files].map(async (file) => [file, await fileSignature(join(folder, file))]))
  } catch (error) {
    return String(error)
  }
}

async function fileSignature(file: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, ino, size, mode } = await stat(file, { bigint: true })
    return [mtimeNs, ctimeNs, ino, size, mode].join()
  } catch (error) {
    return String(error)
  }
}
