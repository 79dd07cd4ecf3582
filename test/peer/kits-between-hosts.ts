import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import { parseCertificate } from '../../lib/keys/certificate'
import { generateKeyPair } from '../../lib/keys/key-pair'
import { type PeerKitRequest, peerKit } from '../../lib/keys/peer-kit'
import { freePort } from '../free-port'
import { Gathered, openReceiver, openSender, PATTERNS, secured } from '../links'
import { PYTHON } from '../requirements'

// This file runs in a network namespace of its own (see kits.test.ts), so no address is taken and nothing outside is touched.
const OUR_ADDRESS = '10.1.2.1'
const PEER_ADDRESS = '10.1.2.2'

// The real NetGear is no part of what CI installs; where it is there, its programs of a kit are tried too.
const hasVidgear = spawnSync(PYTHON, ['-c', 'import vidgear.gears'], { stdio: 'ignore' }).status === 0
const PROGRAMS = hasVidgear ? (['pyzmq', 'vidgear'] as const) : (['pyzmq'] as const)

const own = generateKeyPair()

/** A network namespace of its own, as another host: joined to this one by a cable, gone when its process ends. */
class OtherHost {
  readonly #keeper: ChildProcess

  private constructor(keeper: ChildProcess) {
    this.#keeper = keeper
  }

  static async start(): Promise<OtherHost> {
    const keeper = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const host = new OtherHost(keeper)
    try {
      if (keeper.stdout) await once(keeper.stdout, 'data')
      run('ip', 'link', 'set', 'lo', 'up')
      run('ip', 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', String(keeper.pid))
      run('ip', 'addr', 'add', `${OUR_ADDRESS}/30`, 'dev', 'cable')
      run('ip', 'link', 'set', 'cable', 'up')
      for (const command of [`addr add ${PEER_ADDRESS}/30 dev cable`, 'link set cable up', 'link set lo up']) {
        run(...host.inside('ip', ...command.split(' ')))
      }
    } catch (error) {
      await host.stop()
      throw error
    }
    return host
  }

  /** The command that runs `command` in there. */
  inside(...command: string[]): [string, ...string[]] {
    return ['nsenter', '-t', String(this.#keeper.pid), '-n', '--', ...command]
  }

  async stop(): Promise<void> {
    if (this.#keeper.exitCode !== null || this.#keeper.signalCode !== null) return
    const exit = once(this.#keeper, 'exit')
    this.#keeper.kill('SIGKILL')
    await exit
  }
}

function run(...[command, ...args]: [string, ...string[]]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

let host: OtherHost

before(async () => {
  host = await OtherHost.start()
})
after(() => host?.stop())

type Order = Pick<PeerKitRequest, 'ourRole' | 'pattern' | 'port'>

/** Unpacks a kit as its user would, and gives its folder and the peer's public key. */
function unpack(t: TestContext, order: Order): { folder: string; publicKey: string } {
  const folder = mkdtempSync(join(tmpdir(), 'netgear-kit-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const request = { ...order, peerName: 'Other host', ourPublicKey: own.publicKey, address: OUR_ADDRESS }
  const kit = peerKit({ ...request, security: 'ironhouse' })
  for (const { path, text, mode } of kit.files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text, { mode })
  }
  return { folder, publicKey: kit.peerPublicKey }
}

/** Runs one of a kit's programs on the other host; its output can be awaited line by line. */
function start(t: TestContext, folder: string, program: string, ...args: string[]): Gathered<string> {
  const [command, ...rest] = host.inside(PYTHON, join(folder, program), ...args)
  const child = spawn(command, rest, { cwd: folder, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
  const lines = new Gathered<string>()
  const exit = once(child, 'exit')
  let unfinished = ''
  const collect = (chunk: Buffer) => {
    const parts = `${unfinished}${chunk}`.split('\n')
    unfinished = parts.pop() ?? ''
    for (const line of parts) lines.add(line)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  t.after(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return lines
}

const CUTS = 3

/** NetGear itself leaves encryption behind when its peer pauses, so of its programs no return is asked. */
const again = (kind: string) => (kind === 'pyzmq' ? ', and again after a cut' : '')

const isConnected = ({ event }: { event: string }) => event === 'connected'

describe('a kit for a Python peer works between hosts', () => {
  for (const pattern of PATTERNS) {
    for (const kind of PROGRAMS) {
      test(`send_${kind}.py, ${pattern}: its frames come${again(kind)}`, async (t) => {
        const port = await freePort()
        const { folder, publicKey } = unpack(t, { ourRole: 'receiver', pattern, port })
        const local = { pattern, mode: 'bind', protocol: 'tcp', address: '*', ports: [port] } as const
        const receiver = openReceiver({ ...local, security: secured('ironhouse', own, { kit: publicKey }) })
        t.after(() => receiver.end.close())
        start(t, folder, `send_${kind}.py`, '--source', 'test')
        const entered = await receiver.events.first(isConnected)
        assert.equal(entered.event === 'connected' && entered.address, PEER_ADDRESS)
        assert.equal(entered.event === 'connected' && entered.name, 'kit')
        await receiver.frames.count(3)
        const body = receiver.frames.all[0]?.frame.body ?? assert.fail()
        const { width, height } = await sharp(body).metadata()
        assert.deepEqual([width, height], [640, 480])
        if (kind === 'vidgear') return
        receiver.end.renew()
        await receiver.frames.next()
        assert.equal(receiver.end.stats().invalid, 0)
      })

      test(`receive_${kind}.py, ${pattern}: it gets the frames${again(kind)}`, async (t) => {
        const port = await freePort()
        const { folder, publicKey } = unpack(t, { ourRole: 'sender', pattern, port })
        const lines = start(t, folder, `receive_${kind}.py`, '--no-window')
        const local = { pattern, mode: 'connect', protocol: 'tcp', address: PEER_ADDRESS, ports: [port] } as const
        const sender = openSender({ ...local, security: secured('ironhouse', own, { kit: publicKey }) })
        t.after(() => sender.end.close())
        const body = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
          .jpeg()
          .toBuffer()
        const timer = setInterval(() => sender.end.send({ encoding: 'jpeg', body }), 50)
        t.after(() => clearInterval(timer))
        assert.equal(await lines.first((line) => line.startsWith('frame')), 'frame 48x64x3')
        if (kind === 'vidgear') return
        for (let cut = 0; cut < CUTS; cut += 1) {
          const back = sender.events.next(isConnected)
          // Gone before the answer can come.
          sender.end.send({ encoding: 'jpeg', body })
          sender.end.renew()
          await back
        }
        await lines.next((line) => line.startsWith('frame'))
      })
    }
  }

  test('receive_pyzmq.py refuses a key that its kit does not trust, and says whose', async (t) => {
    const port = await freePort()
    const { folder, publicKey } = unpack(t, { ourRole: 'sender', pattern: 'pubsub', port })
    const lines = start(t, folder, 'receive_pyzmq.py', '--no-window')
    const stranger = generateKeyPair()
    const local = { pattern: 'pubsub', mode: 'connect', protocol: 'tcp', address: PEER_ADDRESS, ports: [port] } as const
    const sender = openSender({ ...local, security: secured('ironhouse', stranger, { kit: publicKey }) })
    t.after(() => sender.end.close())
    const refused = await sender.events.first(({ event }) => event === 'refused')
    assert.equal(refused.event === 'refused' && refused.code, 'NETGEAR_REFUSED')
    const line = await lines.first((text) => text.startsWith('Refused'))
    assert.equal(line, `Refused ${OUR_ADDRESS} ${stranger.publicKey}`)
    assert.equal(sender.events.all.some(isConnected), false)
  })

  test('send_pyzmq.py does not send to a listener with another key than ours', async (t) => {
    const port = await freePort()
    const { folder, publicKey } = unpack(t, { ourRole: 'receiver', pattern: 'pubsub', port })
    const local = { pattern: 'pubsub', mode: 'bind', protocol: 'tcp', address: '*', ports: [port] } as const
    const impostor = openReceiver({ ...local, security: secured('ironhouse', generateKeyPair(), { kit: publicKey }) })
    t.after(() => impostor.end.close())
    start(t, folder, 'send_pyzmq.py', '--source', 'test')
    const refused = await impostor.events.first(({ event }) => event === 'refused')
    assert.equal(refused.event === 'refused' && refused.code, 'NETGEAR_WRONG_SERVER_KEY')
    await delay(300)
    assert.equal(impostor.frames.all.length, 0)
  })

  test('receive_pyzmq.py stays encrypted through a long silence', { timeout: 60_000 }, async (t) => {
    const port = await freePort()
    const { folder, publicKey } = unpack(t, { ourRole: 'sender', pattern: 'pair', port })
    // the pause after which a NetGear listens in clear, made short
    const program = join(folder, 'receive_pyzmq.py')
    const text = readFileSync(program, 'utf8')
    assert.match(text, /^SILENCE_SECONDS = \d+$/m)
    writeFileSync(program, text.replace(/^SILENCE_SECONDS = \d+$/m, 'SILENCE_SECONDS = 1'))
    const lines = start(t, folder, 'receive_pyzmq.py', '--no-window')
    await lines.first((line) => line.startsWith('Listening'))
    const local = { pattern: 'pair', mode: 'connect', protocol: 'tcp', address: PEER_ADDRESS, ports: [port] } as const
    const trusted = openSender({ ...local, security: secured('ironhouse', own, { kit: publicKey }) })
    t.after(() => trusted.end.close())
    await trusted.events.first(isConnected)
    await trusted.events.next(isConnected)
    await trusted.end.close()
    const plain = openSender({ ...local, security: { level: 'grassland' } })
    t.after(() => plain.end.close())
    const told = await plain.events.first(({ event }) => event === 'refused')
    assert.equal(told.event === 'refused' && told.code, 'NETGEAR_OTHER_END_ENCRYPTED')
  })

  test('our secret key is in no file of a kit', (t) => {
    const { folder } = unpack(t, { ourRole: 'sender', pattern: 'pair', port: 5555 })
    const found = spawnSync('grep', ['-rF', '--', own.secretKey, folder])
    assert.equal(found.status, 1)
    const secret = parseCertificate(readFileSync(join(folder, '.vidgear/keys/private_keys/server.key_secret'), 'utf8'))
    assert.notEqual(secret.secretKey, own.secretKey)
  })
})
