import { readFileSync, writeFileSync } from 'node:fs'

// What sysconf(_SC_CLK_TCK) gives on every Linux that Node.js runs on.
const TICKS_PER_SECOND = 100
const RESET_PEAK = '5'

export interface CpuSeconds {
  /** User and system time of all threads. */
  process: number
  /** Of the main thread, where the flow runs. */
  mainThread: number
}

/** CPU time that a process has used up to now, from /proc (proc_pid_stat(5)). */
export function cpuSeconds(pid: number): CpuSeconds {
  return {
    process: secondsIn(`/proc/${pid}/stat`),
    mainThread: secondsIn(`/proc/${pid}/task/${pid}/stat`),
  }
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

function secondsIn(path: string): number {
  const stat = readFileSync(path, 'utf8')
  // The second field, the name in brackets, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
