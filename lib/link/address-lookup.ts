import { connectAddress, type Endpoint } from './endpoint'

export interface FoundAddress {
  address: string
  ipv6: boolean
}

/** Where a connecting link finds the other end, which may move: its name is looked up again while it cannot be reached. */
export class AddressLookup {
  /** Rejects with a `NetgearError` where it is not found. */
  readonly find: () => Promise<FoundAddress>
  #busy = false

  /** `nearEnd`: where a tunnel to it begins, if there is one. */
  constructor(endpoint: Endpoint, nearEnd?: () => Promise<FoundAddress>) {
    this.find = nearEnd ?? (() => connectAddress(endpoint))
  }

  /** Where it is now; undefined while that is being looked up already. */
  async findAgain(): Promise<FoundAddress | undefined> {
    if (this.#busy) return undefined
    this.#busy = true
    try {
      return await this.find()
    } finally {
      this.#busy = false
    }
  }
}
