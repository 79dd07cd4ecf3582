import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { storedKeys, TAB } from './flows'
import { GuardedNodeRed, type User } from './guarded-node-red'

const own = generateKeyPair()
let nodeRed: GuardedNodeRed
let directory: string
let requests: { path: string; body: object; changes: boolean }[]

before(async () => {
  nodeRed = await GuardedNodeRed.start()
  directory = join(nodeRed.userDir, 'keys')
  const kit = {
    peerName: 'Porch',
    ourRole: 'receiver',
    pattern: 'pair',
    security: 'ironhouse',
    address: 'a',
    port: 5555,
  }
  requests = [
    { path: 'netgear-keys/key-pair', body: {}, changes: true },
    { path: 'netgear-keys/directory/create', body: { directory }, changes: true },
    { path: 'netgear-keys/directory/regenerate', body: { directory, confirm: true }, changes: true },
    { path: 'netgear-keys/peer-kit', body: { ...kit, ourPublicKey: own.publicKey }, changes: true },
    { path: 'netgear-keys/public-key', body: { secretKey: own.secretKey }, changes: false },
    { path: 'netgear-keys/fingerprint', body: { publicKey: own.publicKey }, changes: false },
    { path: 'netgear-keys/directory', body: { directory }, changes: false },
  ]
  await nodeRed.deploy([TAB, storedKeys('keys', own, {})])
})
after(() => nodeRed.stop())

async function statusOf(user: User, { path, body }: { path: string; body: object }): Promise<number> {
  const answer = await nodeRed.post(path, user, body)
  const text = await answer.text()
  if (!answer.ok) assert.doesNotMatch(text, /publicKey|secretKey|fingerprint/)
  return answer.status
}

describe('the admin endpoints of the keys node, in a Node-RED with users', () => {
  test('whoever has not logged in, or has a made-up token, gets 401 from each, and no file is written', async () => {
    for (const request of requests) {
      assert.equal(await statusOf('nobody', request), 401, request.path)
      const forged = await nodeRed.post(request.path, 'nobody', request.body, { authorization: 'Bearer made-up' })
      assert.equal(forged.status, 401, request.path)
      const inQuery = await nodeRed.post(`${request.path}?access_token=made-up`, 'nobody', request.body)
      assert.equal(inQuery.status, 401, request.path)
    }
    assert.equal(existsSync(directory), false)
  })

  test('a user who may only read gets answers that change nothing, and is refused all others', async () => {
    for (const request of requests) {
      assert.equal(await statusOf('viewer', request), request.changes ? 401 : 200, request.path)
    }
    assert.equal(existsSync(directory), false)
  })

  test('a user who may only read cannot have existing keys replaced', async () => {
    const keys = join(nodeRed.userDir, 'kept', '.vidgear', 'keys')
    ensureKeyDirectory(keys)
    const secret = () => readFileSync(join(keys, 'private_keys', 'server.key_secret'), 'utf8')
    const before = secret()
    const request = { path: 'netgear-keys/directory/regenerate', body: { directory: keys, confirm: true } }
    assert.equal(await statusOf('viewer', request), 401)
    assert.equal(secret(), before)
    assert.equal(await statusOf('owner', request), 200)
    assert.notEqual(secret(), before)
  })

  test('a user with all permissions is served by each', async () => {
    for (const request of requests) assert.equal(await statusOf('owner', request), 200, request.path)
  })

  test('none of them answers a GET, which a foreign page could have a browser send', async () => {
    for (const { path } of requests) {
      const answer = await nodeRed.fetch(path, 'owner')
      assert.equal(answer.status, 404, path)
    }
  })
})

describe('what the editor looks at: links, previews, addresses, programs', () => {
  const paths = ['netgear/links', 'netgear/addresses', 'netgear/preview/gate', 'netgear/program?pattern=pair']

  test('whoever has not logged in gets 401 and no picture; a user who may read is answered', async () => {
    for (const path of paths) {
      assert.equal((await nodeRed.fetch(path, 'nobody')).status, 401, path)
      assert.notEqual((await nodeRed.fetch(path, 'viewer')).status, 401, path)
    }
    assert.equal((await nodeRed.fetch('netgear/links', 'viewer')).status, 200)
  })
})

test('the public side of Node-RED, where HTTP In nodes are served, has nothing of ours', async () => {
  const apart = await GuardedNodeRed.start({}, { httpAdminRoot: '/admin' })
  try {
    for (const { path, body } of requests) {
      const answer = await fetch(new URL(`/${path}`, apart.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      assert.equal(answer.status, 404, path)
      assert.equal((await apart.post(path, 'owner', body)).status, 200, path)
    }
    assert.equal((await fetch(new URL('/netgear/links', apart.url))).status, 404)
    assert.equal((await apart.fetch('netgear/links', 'owner')).status, 200)
  } finally {
    await apart.stop()
  }
})
