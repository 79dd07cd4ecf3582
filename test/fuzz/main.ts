// npm run fuzz -- [--inputs N] [--conversations N] [--seconds S] [--seed N]
import { parseArgs } from 'node:util'
import { fuzzPort } from './port'
import { fuzz } from './run'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    inputs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '600' },
    conversations: { type: 'string', default: '20000' },
  },
})
const bounds = { seed: Number(values.seed), inputs: Number(values.inputs), seconds: Number(values.seconds) }
const conversations = Number(values.conversations)

async function main(): Promise<void> {
  const { tried, findings, grownMegabytes } = await fuzz(bounds)
  console.log(
    `seed ${bounds.seed}: ${tried} inputs, ${findings.length} findings, ${grownMegabytes.toFixed(0)} MiB more at the end`,
  )
  for (const { target, input, error } of findings) console.log(target, input.toString('base64').slice(0, 400), error)
  if (findings.length > 0) process.exitCode = 1
  for (const level of ['grassland', 'ironhouse'] as const) {
    await fuzzPort(level, conversations, bounds.seed)
    console.log(`${conversations} conversations on the port of a ${level} link: its stream went on`)
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
