import type { NodeAPI } from 'node-red'
import { ensureKeyDirectory, locateKeyDirectory, regenerateKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair, publicKeyOf } from '../../lib/keys/key-pair'
import { type PeerKitRequest, peerKit } from '../../lib/keys/peer-kit'
import { peerKitFolder, zipPeerKit } from '../../lib/keys/peer-kit-zip'
import { NetgearError } from '../../lib/wire/error'
import { reportOnDirectory, withFingerprint } from './directory-report'

type Body = Record<string, unknown>

/** What the dialog downloads instead of showing it. */
class Download {
  constructor(
    readonly bytes: Uint8Array,
    readonly headers: Record<string, string>,
  ) {}
}

/**
 * The dialog's requests, below `netgear-keys/` on the admin side, all POST with a JSON body. An error is answered with status 400 and
 * `{code, message}`. Only `key-pair` ever answers with a secret key of ours.
 */
export function registerKeysAdmin(RED: NodeAPI): void {
  const read = 'netgear-keys.read'
  const write = 'netgear-keys.write'

  function answer(path: string, permission: typeof read | typeof write, work: (body: Body) => object): void {
    RED.httpAdmin.post(`/netgear-keys/${path}`, RED.auth.needsPermission(permission), (request, response) => {
      response.set('cache-control', 'no-store')
      try {
        const result = work(isBody(request.body) ? request.body : {})
        if (result instanceof Download) response.set(result.headers).send(Buffer.from(result.bytes))
        else response.json(result)
      } catch (error) {
        if (error instanceof NetgearError) {
          response.status(400).json({ code: error.code, message: error.message })
        } else {
          RED.log.error(`netgear-keys/${path}: ${error}`)
          response
            .status(500)
            .json({ code: 'NETGEAR_INTERNAL', message: 'Something went wrong; see the log of Node-RED.' })
        }
      }
    })
  }

  answer('key-pair', write, () => {
    const { publicKey, secretKey } = generateKeyPair()
    return { ...withFingerprint(publicKey), secretKey }
  })
  answer('public-key', read, (body) => withFingerprint(publicKeyOf(text(body, 'secretKey').trim())))
  answer('fingerprint', read, (body) => {
    const { fingerprint } = withFingerprint(text(body, 'publicKey').trim())
    return { fingerprint }
  })
  answer('directory', read, (body) => reportOnDirectory(locateKeyDirectory(text(body, 'directory'))))
  answer('directory/create', write, (body) => {
    const path = locateKeyDirectory(text(body, 'directory'))
    ensureKeyDirectory(path)
    return reportOnDirectory(path)
  })
  answer('directory/regenerate', write, (body) => {
    if (body.confirm !== true) {
      throw new NetgearError(
        'NETGEAR_CONFIRMATION_MISSING',
        'Regenerating replaces the keys: every peer then needs the new ones. Send confirm: true if that is meant.',
      )
    }
    const path = locateKeyDirectory(text(body, 'directory'))
    regenerateKeyDirectory(path)
    return reportOnDirectory(path)
  })
  answer('peer-kit', write, (body) => {
    const request = peerKitRequest(body)
    const kit = peerKit(request)
    const folder = peerKitFolder(request.peerName)
    return new Download(zipPeerKit(kit, folder), {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${folder}.zip"`,
      'x-netgear-peer-public-key': kit.peerPublicKey,
    })
  })
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(body: Body, field: string): string {
  const value = body[field]
  if (typeof value === 'string') return value
  throw new NetgearError('NETGEAR_REQUEST_INVALID', `The request has no text in its field “${field}”.`)
}

function peerKitRequest(body: Body): PeerKitRequest {
  const port = body.port
  return {
    peerName: text(body, 'peerName'),
    ourPublicKey: text(body, 'ourPublicKey').trim(),
    // peerKit itself refuses what is none of the choices.
    ourRole: text(body, 'ourRole') as PeerKitRequest['ourRole'],
    pattern: text(body, 'pattern') as PeerKitRequest['pattern'],
    security: text(body, 'security') as PeerKitRequest['security'],
    address: text(body, 'address'),
    port: typeof port === 'number' ? port : text(body, 'port'),
  }
}
