import { freePort } from '../test/free-port'
import type { Encoding, LinkSettings, Pattern, Security } from './flows'
import { connected, findCapacity, type Measured, measure, measureMost } from './measurement'
import type { Workshop } from './node-red'
import { closeSubject } from './pair-of-runtimes'
import { type Frames, makeFrames, SIZES, type Size } from './pictures'
import type { RunningSubject } from './running-subject'
import { SUBJECTS, type Subject } from './subjects'

const CAMERA_FPS = 30

/** What is compared with each other, with the same frames on the same kind of link. */
export interface Group {
  name: string
  encoding: Encoding
  size: Size
  pattern: Pattern
  security: Security
}

export type Mode = 'unthrottled' | '30 fps'

/** All runs of one subject in one group and mode, in the order of the rounds. */
export interface Row {
  group: string
  mode: Mode
  subject: string
  runs: Measured[]
}

export const GROUPS: readonly Group[] = everyGroup()

function everyGroup(): Group[] {
  const sizes = Object.keys(SIZES) as Size[]
  const patterns: Pattern[] = ['pubsub', 'pair', 'reqrep']
  const securities: Security[] = ['ironhouse', 'stonehouse', 'grassland']
  const encodings: Encoding[] = ['jpeg', 'codec', 'raw']
  return encodings.flatMap((encoding) =>
    sizes.flatMap((size) =>
      patterns.flatMap((pattern) =>
        securities
          // The codec's work is the same whatever the link.
          .filter((security) => encoding !== 'codec' || security === 'ironhouse')
          .map((security) => ({
            name: [encoding, size, pattern, security].join(' '),
            encoding,
            size,
            pattern,
            security,
          })),
      ),
    ),
  )
}

export interface ComparisonOptions {
  runs: number
  seconds: number
  /** The names of the subjects that are compared. */
  subjects: RegExp
  /** How long a run at a camera's rate lasts. */
  cameraSeconds: number
  workshop: Workshop
  told(line: string): void
}

/** Compares the groups one after the other; gives the rows of each as it is done, or why it could not be measured. */
export async function* compare(groups: readonly Group[], options: ComparisonOptions): AsyncGenerator<Row[] | Error> {
  const made = new Map<Size, Frames>()
  for (const group of groups) {
    const frames = made.get(group.size) ?? (await makeFrames(options.workshop.folder, group.size))
    made.set(group.size, frames)
    // Of a run of hours the other groups are worth having.
    yield await compareOne(group, frames, options).catch((error: unknown) => new Error(group.name, { cause: error }))
  }
}

interface Contestant {
  subject: Subject
  running: RunningSubject
  /** The most frames a second that were carried so far; 0 where the next frame is sent as soon as the last one is taken. */
  mostFps: number
  rows: Record<Mode, Row>
}

async function compareOne(group: Group, frames: Frames, options: ComparisonOptions): Promise<Row[]> {
  const contestants: Contestant[] = []
  try {
    for (const subject of SUBJECTS.filter(({ name, applies }) => options.subjects.test(name) && applies(group))) {
      contestants.push(
        await prepare(subject, { ...group, frames, port: await freePort() }, group.name, options.workshop),
      )
    }
    for (let run = 1; run <= options.runs; run += 1) {
      options.told(`${group.name}: run ${run} of ${options.runs}`)
      await inTurn(contestants, async (contestant) => {
        const { running, mostFps, rows } = contestant
        const measured = await measureMost(running, mostFps, options.seconds)
        if (mostFps > 0) contestant.mostFps = Math.max(mostFps, measured.fps)
        rows.unthrottled.runs.push(measured)
      })
      await inTurn(contestants, async ({ running, rows }) => {
        rows['30 fps'].runs.push(await measure(running, CAMERA_FPS, options.cameraSeconds))
      })
    }
    return (['unthrottled', '30 fps'] as const).flatMap((mode) => contestants.map(({ rows }) => rows[mode]))
  } finally {
    await Promise.all(contestants.map(({ running }) => closeSubject(running)))
  }
}

async function prepare(
  subject: Subject,
  settings: LinkSettings,
  group: string,
  workshop: Workshop,
): Promise<Contestant> {
  const running = await subject.start(settings, workshop)
  try {
    await connected(running)
    const mostFps = subject.selfPaced(settings) ? 0 : await findCapacity(running)
    if (subject.busyWhenIdle) freeze(running)
    const row = (mode: Mode): Row => ({ group, mode, subject: subject.name, runs: [] })
    return { subject, running, mostFps, rows: { unthrottled: row('unthrottled'), '30 fps': row('30 fps') } }
  } catch (cause) {
    await closeSubject(running)
    throw new Error(`${subject.name}: ${String(cause)}`, { cause })
  }
}

async function inTurn(
  contestants: readonly Contestant[],
  run: (contestant: Contestant) => Promise<void>,
): Promise<void> {
  for (const contestant of contestants) {
    const { subject, running } = contestant
    if (subject.busyWhenIdle) thaw(running)
    await run(contestant)
    if (subject.busyWhenIdle) freeze(running)
  }
}

function freeze({ sender, receiver }: RunningSubject): void {
  sender.freeze()
  receiver.freeze()
}

function thaw({ sender, receiver }: RunningSubject): void {
  sender.thaw()
  receiver.thaw()
}
