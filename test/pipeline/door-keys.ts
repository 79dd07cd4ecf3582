import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatPublicCertificate } from '../../lib/keys/certificate'
import { ensureKeyDirectory, readKeyDirectory } from '../../lib/keys/directory'
import { generateKeyPair, type KeyPair } from '../../lib/keys/key-pair'

/** The keys of the end that waits for the Python sender: a key directory, and how users treat it. */
export class DoorKeys {
  readonly folder: string
  /** The sender's pair. */
  readonly sender: KeyPair = generateKeyPair()
  /** What the sender has to know. */
  readonly publicKey: string

  constructor(folder: string) {
    this.folder = folder
    ensureKeyDirectory(folder)
    this.publicKey = readKeyDirectory(folder, 'receiver').keyring.own.publicKey
    this.trust('camera', this.sender.publicKey)
  }

  /** Writes the file as a copying user does: not at once. */
  trust(name: string, publicKey: string): void {
    writeFileSync(this.#file(name), formatPublicCertificate(publicKey, new Date()))
  }

  distrust(name: string): void {
    rmSync(this.#file(name), { force: true })
  }

  /** Leaves a file with the beginning of what it should hold. */
  truncate(name: string): void {
    writeFileSync(this.#file(name), '# not yet whole')
  }

  /** Writes every file again with what it holds. */
  rewrite(): void {
    for (const part of ['public_keys', 'private_keys']) {
      const folder = join(this.folder, part)
      for (const file of readdirSync(folder)) writeFileSync(join(folder, file), readFileSync(join(folder, file)))
    }
  }

  #file(name: string): string {
    return join(this.folder, 'public_keys', `${name}.key`)
  }
}
