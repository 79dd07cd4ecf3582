import { hostname, networkInterfaces } from 'node:os'
import type { LanAddress } from './answers'

/** This machine's addresses: IPv4 first, then IPv6 but link-local ones, which only mean something together with a network card; last its name. */
export function lanAddresses(interfaces = networkInterfaces(), name = hostname()): LanAddress[] {
  const addresses = Object.entries(interfaces).flatMap(([network, entries = []]) =>
    entries
      .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
      .map(({ address, family }) => ({ address, family, network })),
  )
  const of = (wanted: string) => addresses.filter(({ family }) => family === wanted)
  return [...of('IPv4'), ...of('IPv6'), ...(name ? [{ address: name, family: 'name' as const }] : [])]
}
