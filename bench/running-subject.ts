import type { Program } from './program'

/** A sender and a receiver, each a process of its own, connected and idle. */
export interface RunningSubject {
  sender: Program
  receiver: Program
}
