import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { lanAddresses } from '../../nodes/preview/addresses'
import { pythonProgram } from '../../nodes/preview/python-program'
import { needs } from '../requirements'

describe('what the other end is told', () => {
  test('addresses: IPv4 first, nothing that only this machine can use, the name last', () => {
    const card = (address: string, family: 'IPv4' | 'IPv6', internal = false) =>
      ({ address, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as const
    const interfaces = {
      lo: [card('127.0.0.1', 'IPv4', true), card('::1', 'IPv6', true)],
      eth0: [card('fe80::1', 'IPv6'), card('2001:db8::7', 'IPv6'), card('192.168.1.20', 'IPv4')],
      wlan0: [card('10.0.0.3', 'IPv4')],
    } as unknown as Parameters<typeof lanAddresses>[0]
    assert.deepEqual(
      lanAddresses(interfaces, 'pi').map(({ address, network }) => `${address} ${network}`),
      ['192.168.1.20 eth0', '10.0.0.3 wlan0', '2001:db8::7 eth0', 'pi undefined'],
    )
  })

  test('the Python program has this link filled in, and is Python', needs('python3-zmq'), () => {
    const order = { name: 'porch "cam"', address: '192.168.1.20', port: '5557', pattern: 'reqrep' }
    for (const security of ['grassland', 'stonehouse', 'ironhouse']) {
      for (const library of ['vidgear', 'pyzmq']) {
        for (const task of ['sends', 'receives']) {
          const program = pythonProgram({ ...order, security, library, task })
          assert.match(program, /NODE_RED = "192\.168\.1\.20"/)
          assert.match(program, /PORT = 5557\nPATTERN = 1 /)
          assert.match(program, /NAME = "porch \\"cam\\""/)
          assert.equal(/NOT encrypted/.test(program), security === 'grassland')
          const parsed = spawnSync('/usr/bin/python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
            input: program,
          })
          assert.equal(parsed.status, 0, String(parsed.stderr))
        }
      }
    }
  })

  test('what would not be a value in a program is refused', () => {
    const order = {
      name: 'cam',
      address: 'pi',
      port: '1',
      pattern: 'pair',
      security: 'ironhouse',
      library: 'pyzmq',
      task: 'sends',
    }
    assert.match(pythonProgram(order), /NODE_RED = "pi"/)
    for (const wrong of [
      { address: '" + evil() + "' },
      { address: '*' },
      { address: '0.0.0.0' },
      { port: '5555,5556' },
      { port: '1;x' },
      { name: 'a\nb' },
      { pattern: 'constructor' },
      { security: 'none' },
      { library: '__proto__' },
      { task: ['sends', 'x'] },
    ]) {
      assert.throws(() => pythonProgram({ ...order, ...wrong }), { code: 'NETGEAR_REQUEST_INVALID' })
    }
  })
})
