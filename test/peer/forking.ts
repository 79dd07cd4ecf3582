import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PYTHON } from '../requirements'

const PROGRAM = join(__dirname, 'forking.py')
const STDERR_KEPT = 4_000

/** The process that all peers of ours are forks of. */
interface Forker {
  socketPath: string
  /** The newest that it and its forks said on stderr. */
  stderr(): string
}

let started: Promise<Forker> | undefined

/**
 * Starts a Python peer (forking.py says how it talks).
 *
 * @throws Error if Python does not start or lacks a package.
 */
export async function forkPeer(): Promise<{ connection: Socket; stderr: () => string }> {
  started ??= startForker()
  const { socketPath, stderr } = await started
  const connection = connect({ path: socketPath, allowHalfOpen: true })
  await once(connection, 'connect')
  return { connection, stderr }
}

async function startForker(): Promise<Forker> {
  const folder = mkdtempSync(join(tmpdir(), 'netgear-peers-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const socketPath = join(folder, 'socket')
  const child = spawn(PYTHON, [PROGRAM, socketPath], { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-STDERR_KEPT)
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('error', (error) => reject(new Error(`${PYTHON} does not start: ${error.message}`)))
    child.once('close', (code) => reject(new Error(`Python ended with ${code}: ${said}`)))
  })
  // It ends when its stdin does, so with us: nothing here may keep us for its sake.
  child.unref()
  for (const pipe of [child.stdin, child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref()
  return { socketPath, stderr: () => said }
}
