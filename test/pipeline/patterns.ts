import { PATTERNS } from '../links'
import type { PipelineOptions } from './pipeline'

/** The hops' patterns from the command line: one for all of them, or one for each. */
export function patternsOf(text: string): PipelineOptions['patterns'] {
  const named = text.split(',').map((name) => PATTERNS.find((pattern) => pattern === name))
  const [first, second = first, third = second] = named
  if (first && second && third) return [first, second, third]
  throw new Error(`--patterns takes one to three of ${PATTERNS.join(', ')}, with commas.`)
}
