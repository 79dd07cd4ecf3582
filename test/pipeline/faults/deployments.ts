import type { Deployment } from '../node-red'
import { RUNTIMES } from '../pipeline'
import type { Fault } from './fault'

const TYPES: Deployment[] = ['full', 'flows', 'nodes']

/** Deploying what runs already restarts it with "full"; with the others a change has to be there. */
const deployments = RUNTIMES.flatMap((name) =>
  TYPES.map(
    (type): Fault => ({
      name: `deploy Node-RED ${name.toUpperCase()} (${type}) with another queue`,
      async run(pipeline, dice) {
        const node = `${name}-out`
        pipeline.changes[node] = {
          ...pipeline.changes[node],
          queue: 1 + dice.below(3),
          name: `link ${dice.below(1e6)}`,
        }
        await pipeline.deploy(name, type)
        return undefined
      },
    }),
  ),
)

const inARow: Fault = {
  name: 'deploy both Node-REDs five times in a row',
  async run(pipeline) {
    for (let time = 0; time < 5; time += 1) {
      await Promise.all(RUNTIMES.map((name) => pipeline.deploy(name, 'full')))
    }
    return undefined
  },
}

const without: Fault = {
  name: 'deploy Node-RED B without its nodes, then with them',
  async run(pipeline) {
    await pipeline.nodeReds.b.deploy([], 'full')
    await pipeline.deploy('b', 'full')
    return undefined
  },
}

export const DEPLOYMENT_FAULTS: Fault[] = [...deployments, inARow, without]
