import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { sum } from './statistics'

const NANOSECONDS = 1e9
const RESET_PEAK = '5'

export interface CpuSeconds {
  /** User and system time of all threads. */
  process: number
  /** Of the main thread, where the flow runs. */
  mainThread: number
}

/** CPU time that the threads of a process have used up to now, to the microsecond, from /proc (Linux' documentation of schedstats). */
export function cpuSeconds(pid: number): CpuSeconds {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => secondsOf(pid, thread))
  return { process: sum(threads), mainThread: secondsOf(pid, String(pid)) }
}

/** Resident memory now and at its highest since `resetPeak`, in MB (10^6 bytes). */
export function memory(pid: number): { resident: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (field: string) =>
    (Number(status.match(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm'))?.[1]) * 1024) / 1e6
  return { resident: megabytes('VmRSS'), peak: megabytes('VmHWM') }
}

/** Begins the peak of `memory` anew (proc_pid_clear_refs(5)). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK)
}

function secondsOf(pid: number, thread: string): number {
  const [running] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
  return Number(running) / NANOSECONDS
}
