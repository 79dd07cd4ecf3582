import { setTimeout as delay } from 'node:timers/promises'
import { TAB } from '../../trust/flows'
import { monotonicMs } from '../python-end'
import type { Fault } from './fault'

const FULL_MS = 2000
const MOST_SILENT_MS = 2000
const SEEN_MS = 1200
/** Too much to fit into what overwriting a file leaves free. */
const LARGE_NOTE = { id: 'note', type: 'comment', z: TAB.id, name: '', info: 'x'.repeat(200_000), wires: [] }

const userDirectory: Fault = {
  name: "fill the disk with Node-RED A's user directory, and deploy there",
  needs: 'disk',
  async run(pipeline) {
    pipeline.disk?.fill()
    const answer = await pipeline.nodeReds.a.deploy([...pipeline.flows('a'), LARGE_NOTE], 'nodes').then(
      () => '',
      (error: Error) => error.message,
    )
    await delay(FULL_MS)
    // Node-RED itself sometimes takes a file for saved that was not: then only its log tells.
    const told = [answer, ...pipeline.nodeReds.a.log.slice(-20)].some((text) => text.includes('ENOSPC'))
    const silent = monotonicMs() - pipeline.arrivals.lastAt
    pipeline.disk?.free()
    await pipeline.deploy('a')
    return [
      ...(silent > MOST_SILENT_MS
        ? [`the stream stood still for ${silent.toFixed(0)} ms while the disk was full`]
        : []),
      ...(told ? [] : ['neither the answer to the deployment nor the log says that the disk is full']),
    ]
  },
}

const keyDirectory: Fault = {
  name: "fill the disk with the key directory, and write the sender's key there",
  needs: 'disk',
  async run({ disk, door, nodeReds }) {
    door.distrust('camera')
    disk?.fill()
    let failure = ''
    try {
      door.trust('camera', door.sender.publicKey)
    } catch (error) {
      failure = String(error)
    }
    await delay(SEEN_MS)
    const told = nodeReds.a.log.slice(-20).some((line) => line.includes('camera.key'))
    disk?.free()
    door.trust('camera', door.sender.publicKey)
    await delay(SEEN_MS)
    return [
      ...(failure.includes('ENOSPC') ? [] : ['the disk was not full']),
      ...(told ? [] : ['the log says nothing of the broken key file']),
    ]
  },
}

export const DISK_FAULTS: Fault[] = [userDirectory, keyDirectory]
