import { test } from 'node:test'
import { fuzzPort } from './port'

const SEED = 20_261_123
const CONVERSATIONS = 1500

for (const level of ['grassland', 'ironhouse'] as const) {
  test(`${CONVERSATIONS} damaged conversations on the port of a ${level} link do not disturb it`, () =>
    fuzzPort(level, CONVERSATIONS, SEED))
}
