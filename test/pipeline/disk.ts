import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const MEGABYTES = 16

/** A small disk in memory that can be filled. Only for a process in a mount namespace of its own. */
export class SmallDisk {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'tmpfs', folder])
  }

  /** Leaves no byte free. */
  fill(): void {
    const file = openSync(this.#filler, 'a')
    try {
      for (const block of [Buffer.alloc(65_536), Buffer.alloc(1)]) while (tryWrite(file, block));
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true })
  }

  close(): void {
    execFileSync('umount', ['--lazy', this.#folder])
  }

  get #filler(): string {
    return join(this.#folder, 'filler')
  }
}

function tryWrite(file: number, block: Buffer): boolean {
  try {
    return writeSync(file, block) > 0
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}
