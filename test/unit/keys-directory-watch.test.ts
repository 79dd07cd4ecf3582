import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { ensureKeyDirectory } from '../../lib/keys/directory'
import { watchKeyDirectory } from '../../lib/keys/directory-watch'

const POLL_MS = 20
let keys: string
let watches: { stop: () => void }[] = []
beforeEach(() => {
  keys = mkdtempSync(join(tmpdir(), 'netgear-keys-'))
})
afterEach(() => {
  for (const { stop } of watches) stop()
  watches = []
  rmSync(keys, { recursive: true, force: true })
})

/** A watch whose `next` waits for a change that has not been waited for yet. */
function watch(path = keys) {
  let untold = 0
  let tell: () => void = () => undefined
  const stop = watchKeyDirectory(
    path,
    () => {
      untold++
      tell()
    },
    POLL_MS,
  )
  const next = () =>
    new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no change was told within 5 s')), 5000)
      tell = () => {
        if (untold === 0) return
        untold--
        clearTimeout(late)
        tell = () => undefined
        resolve()
      }
      tell()
    })
  const watched = { stop, next, untold: () => untold }
  watches.push(watched)
  return watched
}

describe('watching a key directory', () => {
  test('tells once after the first look, then of each key file added, replaced, protected and removed', async () => {
    ensureKeyDirectory(keys)
    const { next, untold } = watch()
    const file = join(keys, 'public_keys', 'camera.key')
    const put = (text: string) => {
      writeFileSync(join(keys, 'new'), text)
      renameSync(join(keys, 'new'), file)
    }
    await next()
    for (const step of [() => put('one'), () => put('two'), () => chmodSync(file, 0o600), () => rmSync(file)]) {
      assert.equal(untold(), 0)
      step()
      await next()
    }
  })

  test('tells of a file rewritten in place with the same size and time', async () => {
    ensureKeyDirectory(keys)
    const file = join(keys, 'public_keys', 'camera.key')
    const time = new Date(1_700_000_000_000)
    writeFileSync(file, 'one')
    utimesSync(file, time, time)
    const { next } = watch()
    await next()
    // A file system's clock may stand still for some milliseconds.
    await someLooks()
    writeFileSync(file, 'two')
    utimesSync(file, time, time)
    await next()
  })

  test('tells of a directory that appears and vanishes', async () => {
    const { next } = watch()
    await next()
    ensureKeyDirectory(keys)
    await next()
    rmSync(keys, { recursive: true })
    await next()
  })

  test('tells of a file that came and went between two looks', async () => {
    ensureKeyDirectory(keys)
    const { next, untold } = watch()
    await next()
    await someLooks()
    assert.equal(untold(), 0)
    writeFileSync(join(keys, 'public_keys', 'camera.key'), '')
    rmSync(join(keys, 'public_keys', 'camera.key'))
    await next()
  })

  test('tells nothing once stopped, not even of a look that is under way', async () => {
    const atOnce = watch()
    atOnce.stop()
    const later = watch()
    await later.next()
    later.stop()
    ensureKeyDirectory(keys)
    await someLooks()
    assert.deepEqual([atOnce.untold(), later.untold()], [0, 0])
  })
})

/** Waits until another watch has told of three changes, one after the other. */
async function someLooks(): Promise<void> {
  const other = mkdtempSync(join(tmpdir(), 'netgear-keys-'))
  const { next } = watch(other)
  for (let i = 0; i < 3; i++) {
    await next()
    rmSync(other, { recursive: true, force: true })
    if (i % 2 === 0) ensureKeyDirectory(other)
  }
  rmSync(other, { recursive: true, force: true })
}
