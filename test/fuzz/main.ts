import { parseArgs } from 'node:util'
import { fuzz } from './run'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    inputs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '600' },
  },
})
const bounds = { seed: Number(values.seed), inputs: Number(values.inputs), seconds: Number(values.seconds) }

fuzz(bounds).then(
  ({ tried, findings }) => {
    const megabytes = (process.memoryUsage().rss / 2 ** 20).toFixed(0)
    console.log(`seed ${bounds.seed}: ${tried} inputs, ${findings.length} findings, ${megabytes} MiB at the end`)
    for (const { target, input, error } of findings) console.log(target, input.toString('base64').slice(0, 400), error)
    process.exitCode = findings.length > 0 ? 1 : 0
  },
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  },
)
