import type { Row } from './comparison'
import type { Cost, Measured } from './measurement'
import { median } from './statistics'

/** The medians over a row's runs; `ratio`: ours over this one's frames per second, the median of the rounds' ratios. */
export interface Summary {
  group: string
  mode: string
  subject: string
  runs: number
  offeredFps: number | undefined
  fps: number | undefined
  p50: number | undefined
  p99: number | undefined
  receiver: Record<keyof Cost, number | undefined>
  sender: Record<keyof Cost, number | undefined>
  ratio: number | undefined
}

export function summarize(row: Row, rows: readonly Row[]): Summary {
  const { group, mode, subject, runs } = row
  const of = (pick: (run: Measured) => number | null) => median(runs.map(pick))
  const cost = (end: 'receiver' | 'sender') => ({
    cpuPerThousand: of((run) => run[end].cpuPerThousand),
    cpuPercent: of((run) => run[end].cpuPercent),
    mainThreadMsPerFrame: of((run) => run[end].mainThreadMsPerFrame),
    peakMegabytes: of((run) => run[end].peakMegabytes),
  })
  const ours = rows.find((other) => other.group === group && other.mode === mode && other.subject === 'ours')
  const ratios = ours === row ? [] : (ours?.runs ?? []).map((run, index) => run.fps / (runs[index]?.fps ?? Number.NaN))
  return {
    group,
    mode,
    subject,
    runs: runs.length,
    offeredFps: of((run) => run.offeredFps),
    fps: of((run) => run.fps),
    p50: of((run) => run.p50),
    p99: of((run) => run.p99),
    receiver: cost('receiver'),
    sender: cost('sender'),
    ratio: median(ratios),
  }
}

const COLUMNS: readonly [string, (summary: Summary) => string][] = [
  ['frames and link', ({ group }) => group],
  ['mode', ({ mode }) => mode],
  ['subject', ({ subject }) => subject],
  ['offered/s', ({ offeredFps }) => figure(offeredFps, 0)],
  ['fps', ({ fps }) => figure(fps, 0)],
  ['ours ÷ this', ({ ratio }) => figure(ratio, 2)],
  ['CPU s/1000 in', ({ receiver }) => figure(receiver.cpuPerThousand, 2)],
  ['out', ({ sender }) => figure(sender.cpuPerThousand, 2)],
  ['CPU % in', ({ receiver }) => figure(receiver.cpuPercent, 0)],
  ['out', ({ sender }) => figure(sender.cpuPercent, 0)],
  ['main ms in', ({ receiver }) => figure(receiver.mainThreadMsPerFrame, 2)],
  ['out', ({ sender }) => figure(sender.mainThreadMsPerFrame, 2)],
  ['latency p50', ({ p50 }) => figure(p50, 1)],
  ['p99 ms', ({ p99 }) => figure(p99, 1)],
  ['peak MB in', ({ receiver }) => figure(receiver.peakMegabytes, 0)],
  ['out', ({ sender }) => figure(sender.peakMegabytes, 0)],
]

/** The summaries as a Markdown table. */
export function comparisonTable(summaries: readonly Summary[]): string {
  const rows = summaries.map((summary) => COLUMNS.map(([, cell]) => cell(summary)))
  return markdownTable(
    COLUMNS.map(([title]) => title),
    rows,
  )
}

/** A Markdown table whose columns line up in a terminal too. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

export function figure(value: number | null | undefined, digits: number): string {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(digits) : '–'
}
