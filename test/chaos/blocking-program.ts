// Receivers whose consumer blocks the event loop once: started by blocked-loop.test.ts.
import type { EndOptions } from '../../lib/link/options'
import { Receiver } from '../../lib/link/receiver'
import { blockEventLoop } from '../block'

const FRAMES_BEFORE = 10

process.once('disconnect', () => process.exit())
process.once('message', ({ ends, blockMs }: { ends: EndOptions[]; blockMs: number }) => {
  const waiting = new Set(ends.map(({ ports }) => ports[0]))
  let blocked = false
  for (const options of ends) {
    let frames = 0
    new Receiver({
      ...options,
      onFrame: (_, { port }) => {
        frames += 1
        if (frames === FRAMES_BEFORE) waiting.delete(port)
        if (waiting.size > 0 || blocked) return
        blocked = true
        process.send?.('blocked', () => {
          blockEventLoop(blockMs)
          process.send?.('free again')
        })
      },
    })
  }
})
