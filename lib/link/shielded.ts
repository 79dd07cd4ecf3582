import { NetgearError } from '../wire/error'
import type { EndOptions } from './options'

type Listeners = Pick<EndOptions, 'onEvent' | 'onChange'>

/** The same options, with listeners whose failure never reaches the link: its first one is told as a warning of the process. */
export function shielded<Options extends Listeners>(options: Options): Options {
  const { onEvent, onChange } = options
  let told = false
  const attempt = (listen: () => void) => {
    try {
      listen()
    } catch (cause) {
      if (told) return
      told = true
      const text = `A listener to what happens on a link failed: ${String(cause)}`
      process.emitWarning(new NetgearError('NETGEAR_CONSUMER', text, { cause }))
    }
  }
  return {
    ...options,
    ...(onEvent && { onEvent: (event) => attempt(() => onEvent(event)) }),
    ...(onChange && { onChange: () => attempt(() => onChange()) }),
  } satisfies Listeners as Options
}
