import { spawnSync } from 'node:child_process'
import { PYTHON } from './program'

const NEEDED = [
  {
    command: [PYTHON, '-c', "import zmq, numpy, ctypes; ctypes.CDLL('libturbojpeg.so.0')"],
    packages: 'python3-zmq python3-numpy libturbojpeg0',
  },
  { command: ['openssl', 'version'], packages: 'openssl' },
] as const

/** What to install of the programs that are measured beside our nodes; undefined where all is there. */
export function missingPrograms(): string | undefined {
  const missing = NEEDED.filter(({ command: [program, ...args] }) => spawnSync(program, args).status !== 0)
  if (missing.length === 0) return undefined
  return `The bench needs more programs: apt-get install ${missing.map(({ packages }) => packages).join(' ')}`
}
