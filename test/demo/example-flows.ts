import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { generateKeyPair, type KeyPair } from '../../lib/keys/key-pair'
import { freePort } from '../free-port'
import type { FlowNode } from './running-demo'

const EXAMPLES = resolve(__dirname, '..', '..', 'examples')

/** As the import dialog shows them: it keeps the order of the file names. */
export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES)
  .sort()
  .map((file) => basename(file, '.json'))

/** The example with that number. */
export function example(number: number): FlowNode[] {
  const name = EXAMPLE_NAMES[number - 1]
  return JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8'))
}

/** The nodes that have a link of their own. */
export function linkNodes(flow: FlowNode[]): FlowNode[] {
  return flow.filter(({ type }) => type === 'netgear-in' || type === 'netgear-out')
}

export function nodeNamed(flow: FlowNode[], name: string): FlowNode {
  const node = flow.find((candidate) => candidate.name === name)
  if (!node) throw new Error(`There is no node ${name}.`)
  return node
}

/** The ports of a node, of which it may have several. */
export function portsOf({ port }: FlowNode): string[] {
  return String(port).split(',')
}

/** The flow as it is when the user has opened its keys nodes; the key pairs by the keys nodes' names. */
export function withKeys(flow: FlowNode[]): { flow: FlowNode[]; pairs: Map<string, KeyPair> } {
  const pairs = new Map<string, KeyPair>()
  const opened = flow.map((node) => {
    if (node.type !== 'netgear-keys') return node
    const pair = generateKeyPair()
    pairs.set(String(node.name), pair)
    return { ...node, publicKey: pair.publicKey, credentials: { secretKey: pair.secretKey } }
  })
  return { flow: opened, pairs }
}

/** The flow on ports that nobody else has, also where its functions and pages name them. */
export async function withOwnPorts(flow: FlowNode[]): Promise<FlowNode[]> {
  const own = new Map<string, string>()
  for (const port of new Set(linkNodes(flow).flatMap(portsOf))) {
    let free = String(await freePort())
    while ([...own.values()].includes(free)) free = String(await freePort())
    own.set(port, free)
  }
  const text = JSON.stringify(flow).replace(/\b55\d\d\b/g, (port) => own.get(port) ?? port)
  return JSON.parse(text)
}
