import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { needs } from '../requirements'
import { RUN_TYPESCRIPT } from '../typescript'

const skip = needs('netns').skip || needs('python3-zmq').skip
if (skip) console.error(`KITS FOR PYTHON PEERS ARE NOT TESTED BETWEEN HOSTS: ${skip}`)

test('kits for Python peers between two network namespaces', { skip }, async (t) => {
  // Its tests run in namespaces of their own: the network of this machine stays as it is, and no process outlives them.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const namespaces = ['--net', '--pid', '--mount-proc', '--fork', '--kill-child']
  const program = [process.execPath, ...RUN_TYPESCRIPT, join(__dirname, 'kits-between-hosts.ts')]
  const inside = spawn('unshare', [...namespaces, '--', ...program], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => inside.kill())
  let report = ''
  for (const output of [inside.stdout, inside.stderr]) output.on('data', (chunk) => (report += chunk))
  const [status] = await once(inside, 'close')
  assert.equal(status, 0, report)
  const passed = Number(/^# pass (\d+)$/m.exec(report)?.[1])
  assert.ok(passed >= 10, report)
  for (const [line] of report.matchAll(/^ *ok \d+ - .*$/gm)) t.diagnostic(line.trim())
})
