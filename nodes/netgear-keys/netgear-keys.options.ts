/** One trusted peer as a flow stores it. */
export interface TrustedPeerOption {
  name: string
  publicKey: string
}

/** The saved properties of `netgear-keys`, the same for its runtime and its editor half. */
export interface NetgearKeysOptions {
  name: string
  source: 'stored' | 'directory'
  publicKey: string
  trusted: TrustedPeerOption[]
  directory: string
}

export interface NetgearKeysCredentials {
  secretKey?: string
}
