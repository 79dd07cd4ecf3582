import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { formatPublicCertificate } from '../../lib/keys/certificate'
import {
  ensureKeyDirectory,
  KEY_DIRECTORY_FILES,
  locateKeyDirectory,
  readKeyDirectory,
  regenerateKeyDirectory,
} from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'

let folder: string
let keys: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netgear-keys-'))
  keys = join(folder, '.vidgear', 'keys')
})
afterEach(() => rmSync(folder, { recursive: true }))

const mode = (path: string) => statSync(path).mode & 0o777
const snapshot = () => KEY_DIRECTORY_FILES.map((file) => readFileSync(join(keys, file), 'utf8'))
const writePublic = (name: string, publicKey = generateKeyPair().publicKey) => {
  writeFileSync(join(keys, 'public_keys', name), formatPublicCertificate(publicKey, new Date()))
  return publicKey
}
const codes = (warnings: { code: string }[]) => warnings.map(({ code }) => code)

describe('where the keys are', () => {
  test('nothing said: below the home folder', () => {
    assert.equal(locateKeyDirectory(' '), join(homedir(), '.vidgear', 'keys'))
  })

  test("NetGear's custom_cert_location, with or without .vidgear, or the keys folder itself", () => {
    for (const given of [folder, `${folder}/`, join(folder, '.vidgear'), keys]) {
      assert.equal(locateKeyDirectory(given), keys)
    }
  })

  test('a keys folder of another name is known by what is in it', () => {
    mkdirSync(join(folder, 'mine', 'public_keys'), { recursive: true })
    assert.equal(locateKeyDirectory(join(folder, 'mine')), join(folder, 'mine'))
  })

  test('~ is the home folder, but only as a whole', () => {
    assert.equal(locateKeyDirectory('~/cameras'), join(homedir(), 'cameras', '.vidgear', 'keys'))
    assert.throws(() => locateKeyDirectory('~cameras'), { code: 'NETGEAR_KEY_DIRECTORY_RELATIVE' })
    assert.throws(() => locateKeyDirectory('keys'), { code: 'NETGEAR_KEY_DIRECTORY_RELATIVE' })
  })

  test('a key pasted in place of a path is not repeated', () => {
    const { secretKey } = generateKeyPair()
    for (const key of [`k${secretKey.slice(1)}`, `/${secretKey.slice(1)}`, `/a/${secretKey.slice(3)}`]) {
      assert.throws(
        () => locateKeyDirectory(key),
        (error: Error) => !error.message.includes(key) && /with a key/.test(error.message),
      )
    }
  })

  test('a path of forty letters that a key may have is a path', () => {
    const path = join(tmpdir(), 'x'.repeat(39 - tmpdir().length))
    assert.equal(path.length, 40)
    assert.equal(locateKeyDirectory(path), join(path, '.vidgear', 'keys'))
  })
})

describe('making a key directory', () => {
  test('four files, the secret ones for their owner only; both roles fit together', () => {
    assert.equal(ensureKeyDirectory(keys), true)
    for (const name of ['server', 'client']) assert.equal(mode(join(keys, 'private_keys', `${name}.key_secret`)), 0o600)
    assert.equal(mode(join(keys, 'private_keys')), 0o700)
    const sender = readKeyDirectory(keys, 'sender')
    const receiver = readKeyDirectory(keys, 'receiver')
    assert.deepEqual(sender.keyring.trusted, [{ name: 'server', publicKey: receiver.keyring.own.publicKey }])
    assert.deepEqual(receiver.keyring.trusted, [{ name: 'client', publicKey: sender.keyring.own.publicKey }])
    assert.deepEqual([...sender.warnings, ...receiver.warnings], [])
  })

  test('a complete one stays as it is', () => {
    ensureKeyDirectory(keys)
    const before = snapshot()
    assert.equal(ensureKeyDirectory(keys), false)
    assert.deepEqual(snapshot(), before)
  })

  test('empty folders are filled', () => {
    mkdirSync(join(keys, 'public_keys'), { recursive: true })
    mkdirSync(join(keys, 'private_keys'))
    assert.equal(ensureKeyDirectory(keys), true)
  })

  test('an incomplete one is not touched, and the error names what it lacks', () => {
    ensureKeyDirectory(keys)
    rmSync(join(keys, 'private_keys', 'client.key_secret'))
    const before = readFileSync(join(keys, 'private_keys', 'server.key_secret'), 'utf8')
    assert.throws(() => ensureKeyDirectory(keys), {
      code: 'NETGEAR_KEY_DIRECTORY_INCOMPLETE',
      message: /lacks private_keys\/client\.key_secret\./,
    })
    assert.deepEqual(readdirSync(join(keys, 'private_keys')), ['server.key_secret'])
    assert.equal(readFileSync(join(keys, 'private_keys', 'server.key_secret'), 'utf8'), before)
  })

  test('one with other public keys only is not empty', () => {
    mkdirSync(join(keys, 'public_keys'), { recursive: true })
    writePublic('camera.key')
    assert.throws(() => ensureKeyDirectory(keys), { code: 'NETGEAR_KEY_DIRECTORY_INCOMPLETE' })
  })

  test('a file where the folder should be', () => {
    writeFileSync(join(folder, '.vidgear'), '')
    assert.throws(() => ensureKeyDirectory(keys), { code: 'NETGEAR_KEY_DIRECTORY_UNWRITABLE' })
  })

  test('regenerating replaces all four and keeps the other peers', () => {
    ensureKeyDirectory(keys)
    writePublic('camera.key')
    const before = snapshot()
    chmodSync(join(keys, 'private_keys', 'server.key_secret'), 0o666)
    regenerateKeyDirectory(keys)
    for (const [i, text] of snapshot().entries()) assert.notEqual(text, before[i])
    assert.equal(mode(join(keys, 'private_keys', 'server.key_secret')), 0o600)
    const names = readKeyDirectory(keys, 'receiver').keyring.trusted.map(({ name }) => name)
    assert.deepEqual(names, ['camera', 'client'])
  })
})

describe('reading a key directory', () => {
  beforeEach(() => ensureKeyDirectory(keys))
  const secretFile = () => join(keys, 'private_keys', 'server.key_secret')

  test('every public key but our own is trusted, by its file name; other files do not count', () => {
    const publicKey = writePublic('front door.key')
    writePublic('me again.key', readKeyDirectory(keys, 'receiver').keyring.own.publicKey)
    writeFileSync(join(keys, 'public_keys', 'notes.txt'), 'x')
    writeFileSync(join(keys, 'public_keys', '._front door.key'), Buffer.from([0, 1, 2]))
    const { trusted } = readKeyDirectory(keys, 'receiver').keyring
    assert.deepEqual(
      trusted.map(({ name }) => name),
      ['client', 'front door'],
    )
    assert.equal(trusted[1]?.publicKey, publicKey)
  })

  test('one key in two files is trusted once, and warned of', () => {
    writePublic('twin.key', writePublic('one.key'))
    const { keyring, warnings } = readKeyDirectory(keys, 'receiver')
    assert.deepEqual(
      keyring.trusted.map(({ name }) => name),
      ['client', 'one'],
    )
    assert.deepEqual(codes(warnings), ['NETGEAR_TRUSTED_KEY_DUPLICATE'])
  })

  test('one bad public key makes all unusable and is named', () => {
    writeFileSync(join(keys, 'public_keys', 'bad.key'), 'public-key = "no key"')
    assert.throws(() => readKeyDirectory(keys, 'receiver'), {
      code: 'NETGEAR_CERTIFICATE_KEY_INVALID',
      message: /bad\.key/,
    })
    writeFileSync(join(keys, 'public_keys', 'bad.key'), '')
    assert.throws(() => readKeyDirectory(keys, 'receiver'), { code: 'NETGEAR_CERTIFICATE_EMPTY', message: /bad\.key/ })
  })

  test('without the folder of public keys nobody is trusted, not everybody', () => {
    rmSync(join(keys, 'public_keys'), { recursive: true })
    assert.throws(() => readKeyDirectory(keys, 'receiver'), {
      code: 'NETGEAR_KEY_DIRECTORY_INCOMPLETE',
      message: /lacks public_keys/,
    })
  })

  test('a missing directory, a missing secret', () => {
    assert.throws(() => readKeyDirectory(join(folder, 'none'), 'receiver'), { code: 'NETGEAR_KEY_DIRECTORY_MISSING' })
    rmSync(secretFile())
    assert.throws(() => readKeyDirectory(keys, 'receiver'), {
      code: 'NETGEAR_KEY_FILE_MISSING',
      message: /server\.key_secret/,
    })
    assert.equal(readKeyDirectory(keys, 'sender').keyring.trusted.length, 1)
  })

  test('a public file of another pair, or a certificate of two pairs, is a mismatch', () => {
    const { secretKey } = readKeyDirectory(keys, 'receiver').keyring.own
    writePublic('server.key')
    assert.throws(
      () => readKeyDirectory(keys, 'receiver'),
      (error: Error & { code: string }) =>
        error.code === 'NETGEAR_KEY_PAIR_MISMATCH' && !error.message.includes(secretKey),
    )
    rmSync(join(keys, 'public_keys', 'server.key'))
    readKeyDirectory(keys, 'receiver')
    const certificate = readFileSync(secretFile(), 'utf8')
    writeFileSync(
      secretFile(),
      certificate.replace(/public-key = ".*"/, `public-key = "${generateKeyPair().publicKey}"`),
    )
    assert.throws(() => readKeyDirectory(keys, 'receiver'), { code: 'NETGEAR_KEY_PAIR_MISMATCH' })
  })

  test('a public certificate in the place of the secret one', () => {
    writeFileSync(secretFile(), formatPublicCertificate(generateKeyPair().publicKey, new Date()))
    assert.throws(() => readKeyDirectory(keys, 'receiver'), { code: 'NETGEAR_CERTIFICATE_WITHOUT_SECRET' })
  })

  test("files with pyzmq's modes are read with a warning, worse ones not at all", () => {
    chmodSync(secretFile(), 0o644)
    assert.deepEqual(codes(readKeyDirectory(keys, 'receiver').warnings), ['NETGEAR_KEY_FILE_READABLE'])
    chmodSync(secretFile(), 0o664)
    assert.throws(() => readKeyDirectory(keys, 'receiver'), { code: 'NETGEAR_KEY_FILE_WRITABLE' })
  })

  test('a folder that everybody may write is warned of', () => {
    chmodSync(join(keys, 'public_keys'), 0o777)
    assert.deepEqual(codes(readKeyDirectory(keys, 'sender').warnings), ['NETGEAR_KEY_DIRECTORY_WRITABLE'])
  })

  test('more than 1000 public keys are refused', () => {
    for (let i = 0; i < 999; i++) writeFileSync(join(keys, 'public_keys', `c${i}.key`), '')
    assert.throws(() => readKeyDirectory(keys, 'receiver'), { code: 'NETGEAR_KEY_DIRECTORY_TOO_LARGE' })
  })
})
