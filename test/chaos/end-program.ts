// One end of a link as a process of its own, which a test can kill and freeze: started by end-process.ts.
import { Receiver } from '../../lib/link/receiver'
import { Sender } from '../../lib/link/sender'
import { jpegOf } from '../links'
import type { EndReport, EndSettings } from './end-process'

const settings = JSON.parse(process.argv[2] ?? '') as EndSettings
const { role, options, fps = 30, frameBytes = 2000, window = 1 } = settings

const report = (message: EndReport) => process.send?.(message)
const onEvent: NonNullable<typeof options.onEvent> = (event) => report({ kind: 'event', event })
const bodyOf = (index: number) => jpegOf(`${index};`.padEnd(frameBytes, '.'))

if (role === 'receiver') {
  const receiver = new Receiver({
    ...options,
    onEvent,
    onFrame: (frame, { lost }) => {
      const { index, sentAt } = frame.data as { index: number; sentAt: number }
      const intact = frame.body.equals(bodyOf(index))
      report({ kind: 'frame', index, sentAt, lost, intact, stream: frame.stream ?? '' })
    },
  })
  closeWhenAsked(receiver)
} else {
  const sender = new Sender({ ...options, onEvent, window })
  let index = 0
  setInterval(() => {
    sender.send({ encoding: 'jpeg', body: bodyOf(index) }, { index, sentAt: Date.now() })
    index += 1
  }, 1000 / fps)
  closeWhenAsked(sender)
}
report({ kind: 'opened' })

function closeWhenAsked(end: { close(): Promise<void> }): void {
  process.once('disconnect', () => process.exit())
  process.once('message', () => {
    void end.close().then(() => process.exit())
  })
}
