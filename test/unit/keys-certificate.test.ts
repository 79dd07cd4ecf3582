import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { formatPublicCertificate, formatSecretCertificate, parseCertificate } from '../../lib/keys/certificate'
import { generateKeyPair } from '../../lib/keys/key-pair'

// As pyzmq 24 wrote them; a pair made for this test only.
const publicKey = '8YMQX@Y]g?jlKI7xyt%b^gt#-nz*B}<NaxF]son$'
const secretKey = 'U#Ti%-^A>KM=2Ov7m3B4.:*4v7yYg8N]OV-!CM8:'
const fromPyzmq = `#   ****  Generated on 2026-11-23 14:22:32.944654 by pyzmq  ****
#   ZeroMQ CURVE **Secret** Certificate
#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

metadata
    name = öwner
curve
    public-key = "${publicKey}"
    secret-key = "${secretKey}"
`

describe('certificates', () => {
  test('a secret one as pyzmq writes it', () => {
    assert.deepEqual(parseCertificate(fromPyzmq), { publicKey, secretKey })
  })

  test('a public one has no secret key', () => {
    assert.deepEqual(parseCertificate(fromPyzmq.replace(/ +secret-key.*\n/, '')), { publicKey })
  })

  test('Windows line ends, a byte order mark, tabs and other quotes do not matter', () => {
    const text = `\uFEFF${fromPyzmq.replaceAll('\n', '\r\n').replaceAll('    ', '\t').replaceAll('"', "'")}`
    assert.deepEqual(parseCertificate(text), { publicKey, secretKey })
  })

  test('a bare line is enough; a commented one does not count', () => {
    assert.deepEqual(parseCertificate(`\uFEFFsecret-key=${secretKey}`), { secretKey })
    assert.throws(() => parseCertificate(`# public-key = "${publicKey}"`), { code: 'NETGEAR_CERTIFICATE_WITHOUT_KEY' })
  })

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2200-01-01') }), (date) => {
        const pair = generateKeyPair()
        assert.deepEqual(parseCertificate(formatSecretCertificate(pair, date)), pair)
        const text = formatPublicCertificate(pair.publicKey, date)
        assert.deepEqual(parseCertificate(text), { publicKey: pair.publicKey })
        assert.equal(text.includes(pair.secretKey), false)
      }),
      { numRuns: 20 },
    )
  })

  test('an empty one is told from one of something else', () => {
    assert.throws(() => parseCertificate(' \n'), { code: 'NETGEAR_CERTIFICATE_EMPTY' })
    assert.throws(() => parseCertificate('-----BEGIN CERTIFICATE-----'), { code: 'NETGEAR_CERTIFICATE_WITHOUT_KEY' })
  })

  test('a damaged secret key is refused and not repeated', () => {
    const damaged = secretKey.slice(0, 39)
    for (const value of [`= "${damaged}"`, '=', '', `= "${damaged}" x`]) {
      assert.throws(
        () => parseCertificate(`secret-key ${value}`),
        (error: Error & { code: string }) =>
          error.code === 'NETGEAR_CERTIFICATE_KEY_INVALID' && !error.message.includes(damaged),
      )
    }
  })

  test('hostile text takes no time', () => {
    const quotes = '"'.repeat(60_000)
    const start = performance.now()
    assert.throws(() => parseCertificate(`public-key = ${quotes}x${quotes}x`), {
      code: 'NETGEAR_CERTIFICATE_KEY_INVALID',
    })
    assert.ok(performance.now() - start < 500)
  })
})
