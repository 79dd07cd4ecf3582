import type { Page } from 'playwright-core'

/** A node as the editor holds it, without what cannot leave the browser. */
type EditorNodeState = Record<string, unknown> & { id: string; type: string; changed?: boolean; valid?: boolean }

/** What the functions that run in the browser use of the editor. */
interface RedInBrowser {
  nodes: {
    dirty(): boolean
    node(id: string): EditorNodeState | null
    eachNode(visit: (node: EditorNodeState) => void): void
    eachConfig(visit: (node: EditorNodeState) => void): void
    eachLink(
      visit: (link: { source: { id: string }; sourcePort: number | string; target: { id: string } }) => void,
    ): void
    addLink(link: object): void
    createCompleteNodeSet(options: { credentials: boolean }): EditorNodeState[]
  }
}
declare const RED: RedInBrowser

/** What the editor holds: nodes of ours and their wires. */
export class Workspace {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  /** Waits until there is nothing left to deploy. */
  async deployed(timeout = 30_000): Promise<void> {
    await this.#page.waitForFunction(() => !RED.nodes.dirty(), undefined, { timeout })
  }

  /** Whether the editor thinks that there is something to deploy. */
  dirty(): Promise<boolean> {
    return this.#page.evaluate(() => RED.nodes.dirty())
  }

  /** All nodes of ours with their saved properties. */
  nodes(): Promise<EditorNodeState[]> {
    return this.#page.evaluate(() => {
      const nodes: EditorNodeState[] = []
      const add = (node: EditorNodeState) => {
        if (!node.type.startsWith('netgear-')) return
        const plain = Object.entries(node).filter(([key, value]) => !key.startsWith('_') && typeof value !== 'object')
        nodes.push({ id: node.id, type: node.type, ...Object.fromEntries(plain), trusted: node.trusted })
      }
      RED.nodes.eachNode(add)
      RED.nodes.eachConfig(add)
      return nodes
    })
  }

  async node(id: string): Promise<EditorNodeState> {
    const node = (await this.nodes()).find((candidate) => candidate.id === id)
    if (!node) throw new Error(`There is no node ${id}.`)
    return node
  }

  /** The only keys node there is. */
  async keysNode(): Promise<EditorNodeState> {
    const [keys, ...others] = (await this.nodes()).filter(({ type }) => type === 'netgear-keys')
    if (!keys || others.length > 0) throw new Error(`There are ${others.length + (keys ? 1 : 0)} keys nodes.`)
    return keys
  }

  /** Draws a wire from a node's output port to another node. */
  wire(source: string, port: number, target: string): Promise<void> {
    return this.#page.evaluate(
      ([source, port, target]) =>
        RED.nodes.addLink({ source: RED.nodes.node(source), sourcePort: port, target: RED.nodes.node(target) }),
      [source, port, target] as const,
    )
  }

  /** A node's wires by output port. */
  wiresOf(id: string): Promise<{ port: number; target: string }[]> {
    return this.#page.evaluate((id) => {
      const wires: { port: number; target: string }[] = []
      RED.nodes.eachLink((link) => {
        if (link.source.id === id) wires.push({ port: Number(link.sourcePort), target: link.target.id })
      })
      return wires
    }, id)
  }

  /** What exporting the whole workspace gives. */
  exported(): Promise<string> {
    return this.#page.evaluate(() => JSON.stringify(RED.nodes.createCompleteNodeSet({ credentials: false })))
  }
}
