import { spawn } from 'node:child_process'
import { needs } from '../requirements'
import { RUN_TYPESCRIPT } from '../typescript'
import { OWN_NAMESPACES } from './network'

/**
 * Runs this program again in a network and a mount namespace of its own, where cables can be pulled and disks filled without
 * anybody noticing; where that is not allowed, says so and runs `main` here.
 */
export async function inOwnNamespaces(main: () => Promise<number>): Promise<void> {
  const { skip } = needs('netns')
  if (process.env[OWN_NAMESPACES] || skip) {
    if (skip) console.log(`All on loopback, with nothing done to cables and disks: ${skip}`)
    process.exitCode = await main().catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error)
      return 1
    })
    return
  }
  const [program = '', ...given] = process.argv.slice(1)
  const again = [process.execPath, ...RUN_TYPESCRIPT, program, ...given]
  const child = spawn('unshare', ['--net', '--mount', '--', ...again], {
    stdio: 'inherit',
    env: { ...process.env, [OWN_NAMESPACES]: 'yes' },
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}
