import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { strFromU8, unzipSync } from 'fflate'
import { readKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { type PeerKit, type PeerKitRequest, peerKit } from '../../lib/keys/peer-kit'
import { peerKitFolder, zipPeerKit } from '../../lib/keys/peer-kit-zip'

const ours = generateKeyPair()
const request: PeerKitRequest = {
  peerName: 'Front door',
  ourPublicKey: ours.publicKey,
  ourRole: 'receiver',
  pattern: 'reqrep',
  security: 'ironhouse',
  address: '192.168.1.20',
  port: 5555,
}
const textOf = (kit: PeerKit, path: string) => kit.files.find((file) => file.path === path)?.text ?? assert.fail(path)
const names = (kit: PeerKit) => kit.files.map(({ path }) => path).sort()
const keyNames = [
  '.vidgear/keys/private_keys/client.key_secret',
  '.vidgear/keys/private_keys/server.key_secret',
  '.vidgear/keys/public_keys/client.key',
  '.vidgear/keys/public_keys/server.key',
  'README.txt',
]

describe('peer kit', () => {
  test('for a peer that sends: client keys and sending programs', () => {
    const kit = peerKit(request)
    assert.deepEqual(names(kit), [...keyNames, 'send_pyzmq.py', 'send_vidgear.py'])
    assert.equal(textOf(kit, '.vidgear/keys/private_keys/server.key_secret'), '')
  })

  test('for a peer that receives: server keys and receiving programs', () => {
    const kit = peerKit({ ...request, ourRole: 'sender' })
    assert.deepEqual(names(kit), [...keyNames, 'receive_pyzmq.py', 'receive_vidgear.py'])
    assert.equal(textOf(kit, '.vidgear/keys/private_keys/client.key_secret'), '')
  })

  for (const [ourRole, peerRole, ourName] of [
    ['receiver', 'sender', 'server'],
    ['sender', 'receiver', 'client'],
  ] as const) {
    test(`its keys are a key directory for a ${peerRole} that trusts us and nobody else`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'netgear-kit-'))
      try {
        const kit = peerKit({ ...request, ourRole })
        for (const { path, text, mode } of kit.files) {
          mkdirSync(dirname(join(folder, path)), { recursive: true })
          writeFileSync(join(folder, path), text, { mode })
        }
        const { keyring, warnings } = readKeyDirectory(join(folder, '.vidgear', 'keys'), peerRole)
        assert.equal(keyring.own.publicKey, kit.peerPublicKey)
        assert.notEqual(keyring.own.publicKey, ours.publicKey)
        assert.deepEqual(keyring.trusted, [{ name: ourName, publicKey: ours.publicKey }])
        assert.deepEqual(warnings, [])
        const holders = kit.files.filter(({ text }) => text.includes(keyring.own.secretKey)).map(({ path }) => path)
        assert.deepEqual(holders, [
          `.vidgear/keys/private_keys/${ourName === 'server' ? 'client' : 'server'}.key_secret`,
        ])
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  }

  test('each kit has a key of its own', () => {
    assert.notEqual(peerKit(request).peerPublicKey, peerKit(request).peerPublicKey)
  })

  test('the programs have the link filled in', () => {
    const numbers = { pair: 0, reqrep: 1, pubsub: 2 }
    for (const pattern of ['pair', 'reqrep', 'pubsub'] as const) {
      for (const security of ['stonehouse', 'ironhouse'] as const) {
        for (const ourRole of ['sender', 'receiver'] as const) {
          const kit = peerKit({ ...request, pattern, security, ourRole, port: ' 5600 ' })
          for (const { path, text } of kit.files.filter((file) => file.path.endsWith('.py'))) {
            assert.match(text, /^NODE_RED = "192\.168\.1\.20" /m, path)
            assert.match(text, /^PORT = 5600$/m, path)
            assert.match(text, new RegExp(`^PATTERN = ${numbers[pattern]} `, 'm'), path)
            assert.match(text, new RegExp(`^SECURE_MODE = ${security === 'ironhouse' ? 2 : 1} `, 'm'), path)
          }
        }
      }
    }
  })

  test("whatever the peer's name, it stays one string literal in Python", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (peerName) => {
        let kit: PeerKit
        try {
          kit = peerKit({ ...request, peerName })
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'NETGEAR_PEER_KIT_NAME')
          return
        }
        const literal = /^NAME = (".*")$/m.exec(textOf(kit, 'send_pyzmq.py'))?.[1] ?? assert.fail(peerName)
        assert.equal(JSON.parse(literal), peerName.trim())
      }),
      { numRuns: 50 },
    )
    const quoted = peerKit({ ...request, peerName: `a"\\b\${c}` })
    assert.match(textOf(quoted, 'send_pyzmq.py'), /^NAME = "a\\"\\\\b\$\{c\}"$/m)
  })

  test('what cannot work, or would break out of a program, is refused', () => {
    const refusals: [Partial<Record<keyof PeerKitRequest, unknown>>, string][] = [
      [{ peerName: ' ' }, 'NETGEAR_PEER_KIT_NAME'],
      [{ peerName: 'a\nb' }, 'NETGEAR_PEER_KIT_NAME'],
      [{ peerName: 'x'.repeat(101) }, 'NETGEAR_PEER_KIT_NAME'],
      [{ ourPublicKey: '' }, 'NETGEAR_PEER_KIT_KEY'],
      [{ ourRole: 'both' }, 'NETGEAR_PEER_KIT_ROLE'],
      [{ pattern: 'toString' }, 'NETGEAR_PEER_KIT_PATTERN'],
      [{ security: 'grassland' }, 'NETGEAR_PEER_KIT_SECURITY'],
      ...['', '*', '0.0.0.0', 'a b', 'x"\nimport os', '::1'].map((address): [{ address: string }, string] => [
        { address },
        'NETGEAR_PEER_KIT_ADDRESS',
      ]),
      ...[0, 65536, 5.5, '5555,5556', '', '0x10'].map((port): [{ port: unknown }, string] => [
        { port },
        'NETGEAR_PEER_KIT_PORT',
      ]),
    ]
    for (const [change, code] of refusals) {
      assert.throws(() => peerKit({ ...request, ...change } as PeerKitRequest), { code }, JSON.stringify(change))
    }
  })
})

describe('peer kit as an archive', () => {
  test('holds every file below one folder, with its text and mode', () => {
    const kit = peerKit(request)
    const zip = zipPeerKit(kit, 'kit')
    const files = unzipSync(zip)
    assert.equal(Object.keys(files).length, kit.files.length)
    for (const { path, text, mode } of kit.files) {
      assert.equal(strFromU8(files[`kit/${path}`] ?? assert.fail(path)), text)
      assert.equal(modeInZip(Buffer.from(zip), `kit/${path}`), 0o100000 | mode)
    }
  })

  test('the folder has a name that every system takes', () => {
    assert.equal(peerKitFolder('Front door (Süd)'), 'netgear-peer-front-door-sud')
    assert.equal(peerKitFolder('../../etc'), 'netgear-peer-etc')
    assert.equal(peerKitFolder('门'), 'netgear-peer')
  })
})

/** The Unix mode of an entry, from the archive's central directory (PKZIP APPNOTE 4.3.12). */
function modeInZip(zip: Buffer, name: string): number | undefined {
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 46)) {
    const length = zip.readUInt16LE(at + 28)
    if (zip.toString('utf8', at + 46, at + 46 + length) === name) return zip.readUInt32LE(at + 38) >>> 16
  }
  return undefined
}
