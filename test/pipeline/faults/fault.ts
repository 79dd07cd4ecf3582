import { spawnSync } from 'node:child_process'
import type { Dice } from '../../fuzz/mutate'
import type { Pipeline } from '../pipeline'

/** Cables to pull; a disk to fill; a relay between the Node-REDs; cables, and the program to spoil what they carry. */
export type Need = 'cables' | 'disk' | 'middle relay' | 'tc' | 'iptables'

/** Something that goes wrong, or that an operator does, while the stream flows. */
export interface Fault {
  name: string
  /** What it needs, if more than processes and two relays. */
  needs?: Need
  /** No frame gets through while it lasts, which shows that it happened at all. */
  interrupts?: boolean
  /** Has it happen; resolves at its end, with what was not as it must be meanwhile. */
  run(pipeline: Pipeline, dice: Dice): Promise<string[] | undefined>
  /** What must hold once the stream is back; resolves with what does not. */
  afterwards?(pipeline: Pipeline): Promise<string[]>
}

/** Whether that fault can be had in this pipeline. */
export function isPossible({ needs }: Fault, { network, disk, relays }: Pipeline): boolean {
  if (needs === 'disk') return disk !== undefined
  if (needs === 'middle relay') return relays.has('middle')
  if (needs === 'tc' || needs === 'iptables') return network.cables && spawnSync(needs, ['-V']).status === 0
  return needs === undefined || network.cables
}
