import { setTimeout as delay } from 'node:timers/promises'
import type { DelayedRelay } from '../../chaos/delayed-relay'
import type { Dice } from '../../fuzz/mutate'
import { HOSTS, type Host, SwitchedNetwork } from '../network'
import type { Pipeline } from '../pipeline'
import type { Fault } from './fault'

const DELAY_MS = 200
const SHORTEST_MS = 400
const LONGEST_MS = 6000

/** Has one of the relays misbehave. */
function onLine(
  name: string,
  interrupts: boolean,
  misbehave: (relay: DelayedRelay, dice: Dice) => Promise<void>,
): Fault[] {
  return ['camera', 'middle', 'last'].map((hop) => ({
    name: `${name} on the ${hop} hop`,
    ...(hop === 'middle' && { needs: 'middle relay' }),
    interrupts,
    async run({ relays }: Pipeline, dice: Dice) {
      const relay = relays.get(hop)
      if (relay) await misbehave(relay, dice)
      return undefined
    },
  }))
}

const lines = [
  ...onLine('cut the line', true, async (relay, dice) => {
    relay.cut()
    await delay(SHORTEST_MS + dice.below(LONGEST_MS))
    relay.mend()
  }),
  ...onLine('stall the line', true, async (relay, dice) => {
    relay.stall()
    await delay(SHORTEST_MS + dice.below(LONGEST_MS))
    relay.flow()
  }),
  ...onLine(`delay the line by ${DELAY_MS} ms`, false, async (relay) => {
    relay.delayMs = DELAY_MS
    await delay(3000)
    relay.delayMs = 0
  }),
  ...onLine('cut the line ten times in a row', false, async (relay) => {
    for (let time = 0; time < 10; time += 1) {
      relay.cut()
      relay.mend()
      await delay(150)
    }
  }),
]

type Spoil = (network: SwitchedNetwork, host: Host) => () => void

/** Has something happen to a host's cable, and undoes it. */
function onCable(name: string, host: Host, begin: Spoil, more: Partial<Fault> = {}): Fault {
  return {
    name: `${name} ${host}`,
    needs: 'cables',
    ...more,
    async run({ network }, dice) {
      if (!(network instanceof SwitchedNetwork)) return undefined
      const undo = begin(network, host)
      await delay(SHORTEST_MS + dice.below(LONGEST_MS))
      undo()
      return undefined
    },
  }
}

/** Takes a Node-RED off the network. Its direct hop is the one to the other Node-RED. */
function unreachable(name: string, begin: Spoil): Fault[] {
  return (['a', 'b'] as const).map((host) => {
    const fault = onCable(name, host, begin, { interrupts: true })
    const run: Fault['run'] = async (pipeline, dice) => {
      // The relay would wait for minutes and try more and more rarely, and no Node-RED could know: it gives up at once.
      const relay = host === 'a' ? pipeline.relays.get('camera') : undefined
      relay?.cut()
      await fault.run(pipeline, dice)
      relay?.mend()
      return undefined
    }
    return { ...fault, run }
  })
}

const narrow: Spoil = (network, host) => {
  const limits = ['tbf', 'rate', '10mbit', 'burst', '64kb', 'latency', '200ms']
  network.run(host, 'tc', 'qdisc', 'add', 'dev', 'eth', 'root', ...limits)
  return () => network.run(host, 'tc', 'qdisc', 'delete', 'dev', 'eth', 'root')
}

const lossy: Spoil = (network, host) => {
  const rule = ['INPUT', '-m', 'statistic', '--mode', 'random', '--probability', '0.05', '-j', 'DROP']
  network.run(host, 'iptables', '-A', ...rule)
  return () => network.run(host, 'iptables', '-D', ...rule)
}

const cables = [
  ...unreachable('take down the interface of', (network, host) => {
    network.plug(host, 'down')
    return () => network.plug(host, 'up')
  }),
  ...unreachable('have the switch swallow all from and to', (network, host) => {
    network.forward(host, 'swallow')
    return () => network.forward(host, 'carry')
  }),
  ...HOSTS.flatMap((host) => [
    // Less than the stream needs, which is some 33 Mbit/s.
    onCable('let only 10 Mbit/s out of', host, narrow, { needs: 'tc' }),
    onCable('lose 5 % of the packets to', host, lossy, { needs: 'iptables' }),
  ]),
]

export const LINE_FAULTS: Fault[] = [...lines, ...cables]
