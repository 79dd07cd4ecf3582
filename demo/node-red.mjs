import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { listenOnFreePort } from './listen.mjs'
import { drawScene } from './scene.mjs'
import { credentialSecret } from './user-directory.mjs'

const require = createRequire(import.meta.url)

/**
 * Starts Node-RED in this process, on the first free port from 1880 on, for this machine only. Where the user directory holds no flow
 * yet, the demo's is deployed, with a fresh key pair.
 *
 * @param {string} userDirectory
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} the editor's address, and what ends Node-RED
 */
export async function startNodeRed(userDirectory) {
  const RED = require('node-red')
  const express = createRequire(require.resolve('node-red'))('express')
  const app = express()
  const server = createServer(app)
  const port = await listenOnFreePort(server, 1880)
  RED.init(server, settings(userDirectory, port))
  app.use('/', RED.httpAdmin)
  app.use('/', RED.httpNode)

  const hasFlow = existsSync(join(userDirectory, 'flows.json'))
  const flowsStarted = once(RED.events, 'flows:started')
  await RED.start()
  await flowsStarted
  if (!hasFlow) await deployDemo(RED)

  const stop = async () => {
    await RED.stop()
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}/`, stop }
}

function settings(/** @type {string} */ userDir, /** @type {number} */ uiPort) {
  return {
    userDir,
    flowFile: 'flows.json',
    credentialSecret: credentialSecret(userDir),
    uiHost: '127.0.0.1',
    uiPort,
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    functionGlobalContext: { drawScene },
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
    // The nodes' warnings are in the editor's debug sidebar.
    logging: { console: { level: 'error', metrics: false, audit: false } },
  }
}

/** Through the same door as the editor's Deploy button, which puts the secret key into Node-RED's encrypted credentials. */
async function deployDemo(/** @type {import('node-red').NodeRedApp} */ RED) {
  const { generateKeyPair } = require('../dist/lib/keys/key-pair.js')
  const { publicKey, secretKey } = generateKeyPair()
  const flow = JSON.parse(readFileSync(new URL('flow.json', import.meta.url), 'utf8'))
  const flows = flow.map((/** @type {{ type: string }} */ node) =>
    node.type === 'netgear-keys' ? { ...node, publicKey, credentials: { secretKey } } : node,
  )
  const flowsStarted = once(RED.events, 'flows:started')
  await RED.runtime.flows.setFlows({ flows: { flows }, deploymentType: 'full' })
  await flowsStarted
}
