import { setTimeout as delay } from 'node:timers/promises'
import { collectAll } from './garbage'

const ROOM_BYTES = 256 * 1024 ** 2
// The nodes of a flow hand a picture on in turns of their own; only then can its memory be given back.
const HANDED_ON_MS = 10

let inWork = 0
/** Those made since the last collection; any of them may be in use still. */
let made = 0
let lastInLine = Promise.resolve()
let someoneEnded: (() => void) | undefined

/**
 * Makes a large picture as soon as there is room for it: all that are being made in this process, and those that were made and not
 * collected yet, have 256 MB together; a single one may have more. Before it gets beyond, the garbage is collected: V8 would wait until
 * many more of them had been left. `workingBytes`: what its making takes besides the picture itself. Rejects as `make` does.
 */
export async function makeLargePicture<Result>(
  bytes: number,
  workingBytes: number,
  make: () => Promise<Result>,
): Promise<Result> {
  const wanted = bytes + workingBytes
  const entered = lastInLine.then(() => enter(wanted))
  lastInLine = entered
  await entered
  try {
    return await make()
  } finally {
    inWork -= wanted
    made += bytes
    someoneEnded?.()
  }
}

/** One after the other, so that a small one does not slip in before a large one for ever. */
async function enter(wanted: number): Promise<void> {
  while (inWork > 0 && inWork + wanted > ROOM_BYTES) {
    await new Promise<void>((resolve) => {
      someoneEnded = resolve
    })
  }
  if (made > 0 && inWork + made + wanted > ROOM_BYTES) {
    await delay(HANDED_ON_MS)
    made = 0
    collectAll()
  }
  inWork += wanted
}
