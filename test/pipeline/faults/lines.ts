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

/** Has something happen to a host's cable, and undoes it. */
function onCable(
  name: string,
  begin: (network: SwitchedNetwork, host: Host) => () => void,
  program?: 'tc' | 'iptables',
): Fault[] {
  return HOSTS.map((host) => ({
    name: `${name} ${host}`,
    needs: program ?? 'cables',
    interrupts: program === undefined,
    async run({ network }: Pipeline, dice: Dice) {
      if (!(network instanceof SwitchedNetwork)) return undefined
      const undo = begin(network, host)
      await delay(SHORTEST_MS + dice.below(LONGEST_MS))
      undo()
      return undefined
    },
  }))
}

const shaping =
  (...options: string[]) =>
  (network: SwitchedNetwork, host: Host) => {
    network.run(host, 'tc', 'qdisc', 'add', 'dev', 'eth', 'root', ...options)
    return () => network.run(host, 'tc', 'qdisc', 'delete', 'dev', 'eth', 'root')
  }

const lossy = (network: SwitchedNetwork, host: Host) => {
  const rule = ['INPUT', '-m', 'statistic', '--mode', 'random', '--probability', '0.05', '-j', 'DROP']
  network.run(host, 'iptables', '-A', ...rule)
  return () => network.run(host, 'iptables', '-D', ...rule)
}

const cables = [
  ...onCable('take down the interface of', (network, host) => {
    network.plug(host, 'down')
    return () => network.plug(host, 'up')
  }),
  ...onCable('have the switch swallow all from and to', (network, host) => {
    network.forward(host, 'swallow')
    return () => network.forward(host, 'carry')
  }),
  // Less than the stream needs, which is some 33 Mbit/s.
  ...onCable('let only 10 Mbit/s out of', shaping('tbf', 'rate', '10mbit', 'burst', '64kb', 'latency', '200ms'), 'tc'),
  ...onCable('lose 5 % of the packets to', lossy, 'iptables'),
]

export const LINE_FAULTS: Fault[] = [...lines, ...cables]
