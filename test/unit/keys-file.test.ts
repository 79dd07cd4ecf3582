import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { readKeyFile, writeKeyFile } from '../../lib/keys/key-file'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netgear-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const mode = (path: string) => statSync(path).mode & 0o777
const write = (name: string, text: string | Buffer, fileMode = 0o600) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, fileMode)
  return path
}

describe('reading a key file', () => {
  test('a file, also through a link', () => {
    const path = write('a.key_secret', 'text')
    symlinkSync(path, join(folder, 'link'))
    assert.deepEqual(readKeyFile(path, 'secret'), { text: 'text', warnings: [] })
    assert.deepEqual(readKeyFile(join(folder, 'link'), 'secret'), { text: 'text', warnings: [] })
  })

  test('what is missing', () => {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'))
    for (const name of ['nothing', 'dangling', 'no/folder']) {
      assert.throws(() => readKeyFile(join(folder, name), 'public'), {
        code: 'NETGEAR_KEY_FILE_MISSING',
        message: /is missing/,
      })
    }
  })

  test('a loop of links', () => {
    symlinkSync(join(folder, 'b'), join(folder, 'a'))
    symlinkSync(join(folder, 'a'), join(folder, 'b'))
    assert.throws(() => readKeyFile(join(folder, 'a'), 'public'), {
      code: 'NETGEAR_KEY_FILE_UNREADABLE',
      message: /ELOOP/,
    })
  })

  test('a folder, a device or a pipe in its place is refused at once', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    symlinkSync('/dev/zero', join(folder, 'device'))
    for (const path of [folder, join(folder, 'pipe'), join(folder, 'device')]) {
      assert.throws(() => readKeyFile(path, 'public'), { code: 'NETGEAR_KEY_FILE_NOT_REGULAR' })
    }
  })

  test('64 KiB are read, more are not, nor a file that says it is empty and is not', () => {
    assert.equal(readKeyFile(write('full', '#'.repeat(65536)), 'public').text.length, 65536)
    assert.throws(() => readKeyFile(write('huge', '#'.repeat(65537)), 'public'), { code: 'NETGEAR_KEY_FILE_TOO_LARGE' })
    if (existsSync('/proc/kallsyms')) {
      assert.throws(() => readKeyFile('/proc/kallsyms', 'public'), { code: 'NETGEAR_KEY_FILE_TOO_LARGE' })
    }
  })

  test('binary data is refused', () => {
    for (const data of [Buffer.from([0x61, 0]), Buffer.from([0xff, 0xd8, 0xff])]) {
      assert.throws(() => readKeyFile(write('binary', data), 'public'), { code: 'NETGEAR_KEY_FILE_BINARY' })
    }
  })

  test('a secret file that others may write is refused, one that they may read is warned of', () => {
    for (const bad of [0o620, 0o602, 0o666]) {
      assert.throws(() => readKeyFile(write('secret', 'x', bad), 'secret'), {
        code: 'NETGEAR_KEY_FILE_WRITABLE',
        message: /chmod 600/,
      })
    }
    for (const doubtful of [0o640, 0o604, 0o644]) {
      const { warnings } = readKeyFile(write('secret', 'x', doubtful), 'secret')
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ['NETGEAR_KEY_FILE_READABLE'],
      )
    }
    assert.deepEqual(readKeyFile(write('secret', 'x', 0o400), 'secret').warnings, [])
  })

  test('a public file that everybody may write is warned of', () => {
    assert.deepEqual(readKeyFile(write('public', 'x', 0o664), 'public').warnings, [])
    const { warnings } = readKeyFile(write('public', 'x', 0o666), 'public')
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['NETGEAR_KEY_FILE_WRITABLE'],
    )
  })
})

describe('writing a key file', () => {
  test('a secret is for its owner only, whatever the umask; nothing else is left behind', () => {
    const before = process.umask(0)
    try {
      writeKeyFile(join(folder, 's'), 'secret', 'secret')
      writeKeyFile(join(folder, 'p'), 'public', 'public')
    } finally {
      process.umask(before)
    }
    assert.equal(mode(join(folder, 's')), 0o600)
    assert.equal(mode(join(folder, 'p')), 0o644)
    assert.deepEqual(readdirSync(folder).sort(), ['p', 's'])
    assert.equal(readFileSync(join(folder, 's'), 'utf8'), 'secret')
  })

  test('an existing file stays, and so does a link', () => {
    const path = write('kept', 'old', 0o644)
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'))
    for (const taken of [path, join(folder, 'dangling')]) {
      assert.throws(() => writeKeyFile(taken, 'new', 'secret'), { code: 'NETGEAR_KEY_FILE_EXISTS' })
    }
    assert.equal(readFileSync(path, 'utf8'), 'old')
    assert.equal(readdirSync(folder).length, 2)
  })

  test('told to, it replaces the file and its mode, and a link rather than what it leads to', () => {
    const path = write('old', 'old', 0o666)
    symlinkSync(path, join(folder, 'link'))
    writeKeyFile(join(folder, 'link'), 'new', 'secret', true)
    assert.equal(readFileSync(path, 'utf8'), 'old')
    assert.equal(lstatSync(join(folder, 'link')).isFile(), true)
    writeKeyFile(path, 'newer', 'secret', true)
    assert.equal(readFileSync(path, 'utf8'), 'newer')
    assert.equal(mode(path), 0o600)
  })

  test('where nothing can be written the error says so, without the text', () => {
    mkdirSync(join(folder, 'taken'))
    for (const path of [join(folder, 'no', 'folder'), join(folder, 'taken')]) {
      assert.throws(
        () => writeKeyFile(path, 'the secret', 'secret', true),
        (error: Error & { code: string }) =>
          error.code === 'NETGEAR_KEY_FILE_UNWRITABLE' && !error.message.includes('the secret'),
      )
    }
    assert.deepEqual(readdirSync(folder), ['taken'])
  })
})
