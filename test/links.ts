import { tmpdir } from 'node:os'
import { generateKeyPair, type KeyPair } from '../lib/keys/key-pair'
import type { LinkEvent } from '../lib/link/link-events'
import type { EndOptions } from '../lib/link/options'
import { Receiver, type ReceiverOptions } from '../lib/link/receiver'
import type { Arrival } from '../lib/link/receiving-link'
import type { LinkSecurity } from '../lib/link/security'
import { Sender, type SenderOptions } from '../lib/link/sender'
import type { WireFrame } from '../lib/wire/message'
import { freePort } from './free-port'

export const SECURITIES = ['grassland', 'stonehouse', 'ironhouse'] as const
export const PATTERNS = ['pair', 'reqrep', 'pubsub'] as const

export type Level = (typeof SECURITIES)[number]

const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 15_000)

/** Gathers what comes and lets a test await the first that meets a condition, also among those that came before. */
export class Gathered<T> {
  readonly all: T[] = []
  #waiting: { condition: (item: T) => boolean; resolve: (item: T) => void }[] = []

  add(item: T): void {
    this.all.push(item)
    const met = this.#waiting.filter(({ condition }) => condition(item))
    this.#waiting = this.#waiting.filter((waiter) => !met.includes(waiter))
    for (const { resolve } of met) resolve(item)
  }

  first(condition: (item: T) => boolean, from = 0): Promise<T> {
    const found = this.all.slice(from).find(condition)
    if (found !== undefined) return Promise.resolve(found)
    return this.#wait(condition)
  }

  /** The next one that comes from now on. */
  next(condition: (item: T) => boolean = () => true): Promise<T> {
    return this.#wait(condition)
  }

  async count(atLeast: number): Promise<void> {
    while (this.all.length < atLeast) await this.next()
  }

  #wait(condition: (item: T) => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const told = JSON.stringify(this.all.slice(-20), (_key, value) =>
          typeof value === 'bigint' ? `${value}` : value,
        )
        reject(new Error(`nothing met ${condition} ; last came ${told.slice(0, 2000)}`))
      }, PATIENCE_MS)
      this.#waiting.push({
        condition,
        resolve: (item) => {
          clearTimeout(timer)
          resolve(item)
        },
      })
    })
  }
}

export interface End<T> {
  end: T
  events: Gathered<LinkEvent>
}

export interface ReceivingEnd extends End<Receiver> {
  frames: Gathered<{ frame: WireFrame; arrival: Arrival }>
}

/** Opens a receiver whose frames and events a test can await. */
export function openReceiver(options: Omit<ReceiverOptions, 'onFrame'>): ReceivingEnd {
  const events = new Gathered<LinkEvent>()
  const frames = new Gathered<{ frame: WireFrame; arrival: Arrival }>()
  const end = new Receiver({
    ...options,
    onEvent: (event) => events.add(event),
    onFrame: (frame, arrival) => frames.add({ frame, arrival }),
  })
  return { end, events, frames }
}

/** Opens a sender whose events a test can await. */
export function openSender(options: SenderOptions): End<Sender> {
  const events = new Gathered<LinkEvent>()
  return { end: new Sender({ ...options, onEvent: (event) => events.add(event) }), events }
}

/** Two ends that fit each other: what each has to be opened with. */
export interface Ends {
  receiver: EndOptions
  sender: EndOptions
  keys: { receiver: KeyPair; sender: KeyPair }
}

export interface EndsOptions {
  pattern: EndOptions['pattern']
  level: Level
  /** Which end binds; NetGear: the receiver. */
  binds?: 'receiver' | 'sender'
  protocol?: 'tcp' | 'ipc'
  port?: number
}

export async function matchingEnds({
  pattern,
  level,
  binds = 'receiver',
  protocol = 'tcp',
  port,
}: EndsOptions): Promise<Ends> {
  const keys = { receiver: generateKeyPair(), sender: generateKeyPair() }
  const ports = [port ?? (await freePort())]
  const address = protocol === 'ipc' ? `${tmpdir()}/netgear-test-${process.pid}` : '127.0.0.1'
  const end = (role: 'receiver' | 'sender', other: 'receiver' | 'sender'): EndOptions => ({
    pattern,
    protocol,
    address,
    ports,
    mode: binds === role ? 'bind' : 'connect',
    security: secured(level, keys[role], { [other]: keys[other].publicKey }),
  })
  return { receiver: end('receiver', 'sender'), sender: end('sender', 'receiver'), keys }
}

/** A security level with our own pair and the trusted peers' public keys by name. */
export function secured(level: Level, own: KeyPair, trusted: Record<string, string>): LinkSecurity {
  if (level === 'grassland') return { level }
  const peers = Object.entries(trusted).map(([name, publicKey]) => ({ name, publicKey }))
  return { level, keyring: { own, trusted: peers } }
}

/** A JPEG as the wire sees one: what lies between its ends does not matter to it. */
export function jpegOf(content: string | number): Buffer {
  const middle = typeof content === 'number' ? Buffer.alloc(content, 0x5a) : Buffer.from(content)
  return Buffer.concat([Buffer.from([0xff, 0xd8]), middle, Buffer.from([0xff, 0xd9])])
}

/** Resolves with why a link cannot open. */
export async function failure(events: Gathered<LinkEvent>): Promise<LinkEvent & { event: 'failed' }> {
  return (await events.first(({ event }) => event === 'failed')) as LinkEvent & { event: 'failed' }
}

export function isListening({ event }: { event: string }): boolean {
  return event === 'listening'
}

export function isConnected({ event }: { event: string }): boolean {
  return event === 'connected'
}

export async function closeAll(...ends: End<{ close(): Promise<void> }>[]): Promise<void> {
  await Promise.all(ends.map(({ end }) => end.close()))
}
