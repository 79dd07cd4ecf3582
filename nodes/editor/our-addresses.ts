import type { LanAddress } from '../preview/answers'
import { readAddresses } from './preview-api'

export interface OurAddress {
  value: string
  /** With the network card that has it. */
  text: string
  family: LanAddress['family']
}

/** Under which addresses other machines may reach Node-RED's: that of the browser's address bar first, where it is none of the others. */
export async function readOurAddresses(): Promise<OurAddress[]> {
  const addresses = (await readAddresses())
    .filter(({ family }) => family !== 'IPv6')
    .map(({ address, network, family }) => ({
      value: address,
      text: network ? `${address} (${network})` : address,
      family,
    }))
  const typed = addressOfThisPage()
  const known = typed === undefined || addresses.some(({ value }) => value === typed)
  return known ? addresses : [{ value: typed, text: typed, family: 'name' }, ...addresses]
}

/** What stands in the browser's address bar, where that is not loopback. */
export function addressOfThisPage(): string | undefined {
  const { hostname } = location
  return /^(localhost|127\.|\[)/.test(hostname) ? undefined : hostname
}
