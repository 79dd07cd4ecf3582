import type { ProgramSettings } from '../../lib/keys/peer-kit/program-settings'
import { receivePyzmqProgram } from '../../lib/keys/peer-kit/receive-pyzmq'
import { receiveVidgearProgram } from '../../lib/keys/peer-kit/receive-vidgear'
import { sendPyzmqProgram } from '../../lib/keys/peer-kit/send-pyzmq'
import { sendVidgearProgram } from '../../lib/keys/peer-kit/send-vidgear'
import { NetgearError } from '../../lib/wire/error'
import { receiveInClearProgram, sendInClearProgram } from './clear-program'

const PATTERNS = { pair: 0, reqrep: 1, pubsub: 2 } as const
const SECURE_MODES = { stonehouse: 1, ironhouse: 2 } as const
const SECURE_PROGRAMS = {
  vidgear: { sends: sendVidgearProgram, receives: receiveVidgearProgram },
  pyzmq: { sends: sendPyzmqProgram, receives: receivePyzmqProgram },
} as const
const CLEAR_PROGRAMS = { sends: sendInClearProgram, receives: receiveInClearProgram } as const

/**
 * The text of the Python program for the other end of a link: `library` is `vidgear` or `pyzmq` (without encryption there is only
 * vidgear's), `task` what that end does (`sends`, `receives`), `address` and `port` those of our machine as that end sees them,
 * `name` what the other end is called. Makes no keys: an encrypted program reads them from files beside it.
 *
 * @throws NetgearError `NETGEAR_REQUEST_INVALID` for anything else: the values stand in the program
 */
export function pythonProgram(parameters: Record<string, unknown>): string {
  const text = (parameter: string) => String(parameters[parameter] ?? '').trim()
  const task = oneOf(CLEAR_PROGRAMS, text('task'), 'the task')
  const settings = {
    peerName: checked(text('name'), /^[^\p{C}]{1,100}$/u, 'a name of 1 to 100 characters for the other end'),
    address: checked(text('address'), /^(?!0\.0\.0\.0$)[A-Za-z0-9._-]{1,253}$/, 'the host name or IPv4 address'),
    port: Number(checked(text('port'), /^[1-9]\d{0,4}$/, 'one port, 1 to 65535')),
    pattern: PATTERNS[oneOf(PATTERNS, text('pattern'), 'the pattern')],
  }
  if (text('security') === 'grassland') return CLEAR_PROGRAMS[task](settings)
  const secureMode = SECURE_MODES[oneOf(SECURE_MODES, text('security'), 'the security')]
  const library = oneOf(SECURE_PROGRAMS, text('library'), 'the library')
  return SECURE_PROGRAMS[library][task]({ ...settings, secureMode } satisfies ProgramSettings)
}

function oneOf<Choices extends object>(choices: Choices, value: string, what: string): keyof Choices {
  if (Object.hasOwn(choices, value)) return value as keyof Choices
  throw invalid(`${what}: ${Object.keys(choices).join(', ')}`)
}

function checked(value: string, form: RegExp, what: string): string {
  if (form.test(value)) return value
  throw invalid(what)
}

function invalid(what: string): NetgearError {
  return new NetgearError('NETGEAR_REQUEST_INVALID', `The program cannot be written: give ${what}.`)
}
