import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../python-end'
import type { Fault } from './fault'

const FULL_MS = 2000
const MOST_SILENT_MS = 2000
const SEEN_MS = 1200

const userDirectory: Fault = {
  name: "fill the disk with Node-RED A's user directory, and deploy there",
  needs: 'disk',
  async run(pipeline, dice) {
    pipeline.disk?.fill()
    const before = { ...pipeline.changes['a-out'] }
    pipeline.changes['a-out'] = { ...before, name: `link ${dice.below(1e6)}` }
    const told = await pipeline.deploy('a').then(
      () => '',
      (error: Error) => error.message,
    )
    await delay(FULL_MS)
    const silent = monotonicMs() - pipeline.arrivals.lastAt
    pipeline.disk?.free()
    await pipeline.deploy('a')
    return [
      ...(silent > MOST_SILENT_MS
        ? [`the stream stood still for ${silent.toFixed(0)} ms while the disk was full`]
        : []),
      ...(/ENOSPC/.test(told) ? [] : [`the deployment to a full disk was answered with “${told}”`]),
    ]
  },
}

const keyDirectory: Fault = {
  name: "fill the disk with the key directory, and write the sender's key there",
  needs: 'disk',
  async run({ disk, door, nodeReds }) {
    disk?.fill()
    let failure = ''
    try {
      door.truncate('camera')
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
