import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { EXAMPLE_NAMES, example, linkNodes, nodeNamed } from '../demo/example-flows'
import { readPictures } from '../demo/mjpeg'
import type { FlowNode } from '../demo/running-demo'
import { needs } from '../requirements'
import { Editor } from './editor'

interface Box {
  id: string
  name: string
  group: string | undefined
  left: number
  top: number
  right: number
  bottom: number
}

/** What the editor draws of a tab; places are its own. */
interface Drawn {
  nodes: Box[]
  groups: Box[]
}

interface DrawnNode {
  id: string
  type: string
  name?: string
  z?: string
  g?: string
  x: number
  y: number
  w: number
  h: number
}

declare const RED: {
  actions: { invoke(action: string): void }
  nodes: {
    eachNode(visit: (node: DrawnNode) => void): void
    groups(tab: string): DrawnNode[]
  }
  workspaces: { show(tab: string): void }
}

const LABELS = '#red-ui-clipboard-dialog-import-tab-examples .red-ui-treeList-label'
const overlap = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const DRAWS_MS = 15_000

/** What lies on what, or in what group that it is not part of. */
function untidiness({ nodes, groups }: Drawn): string | undefined {
  for (const [at, node] of nodes.entries()) {
    const under = nodes.slice(at + 1).find((other) => overlap(node, other))
    if (under) return `${node.name} lies on ${under.name}`
    const group = groups.find((group) => overlap(node, group) !== (node.group === group.id))
    if (group) return `${node.name} is ${node.group === group.id ? 'outside' : 'inside'} of the group ${group.name}`
  }
  for (const [at, group] of groups.entries()) {
    const under = groups.slice(at + 1).find((other) => overlap(group, other))
    if (under) return `the group ${group.name} lies on ${under.name}`
  }
  return undefined
}

describe('the examples in the editor', needs('chromium'), () => {
  let editor: Editor
  before(async () => {
    editor = await Editor.open()
  })
  after(async () => {
    await editor?.close()
  })

  const openImport = async () => {
    const { page } = editor
    // What the menu entry for examples does.
    await page.evaluate(() => RED.actions.invoke('core:show-examples-import-dialog'))
    const labels = page.locator(LABELS)
    await labels.getByText('@ironhouse/node-red-netgear').click()
    await labels.getByText(EXAMPLE_NAMES[0] ?? '').waitFor({ state: 'visible' })
    return labels
  }

  const importExample = async (name: string) => {
    const labels = await openImport()
    await labels.getByText(name, { exact: true }).click()
    await editor.page.locator('#red-ui-clipboard-dialog-ok:not(.ui-state-disabled)').click()
    await editor.page.locator('#red-ui-clipboard-dialog-ok').waitFor({ state: 'hidden' })
  }

  /** Deploys; the editor asks whether to, because keys nodes have no keys yet. */
  const deployAnyway = async () => {
    const started = editor.nodeRed.nextStart()
    await editor.page.click('#red-ui-header-button-deploy')
    await editor.page.getByRole('button', { name: 'Confirm deploy' }).click()
    await editor.workspace.deployed()
    await started
  }

  const look = (tab: string): Promise<Drawn> =>
    editor.page.evaluate((tab) => {
      RED.workspaces.show(tab)
      const nodes: Box[] = []
      RED.nodes.eachNode(({ id, type, name, z, g, x, y, w, h }) => {
        if (z !== tab) return
        const box = { left: x - w / 2, right: x + w / 2, top: y - h / 2, bottom: y + h / 2 }
        nodes.push({ id, name: `${type} ${name}`, group: g, ...box })
      })
      const groups = RED.nodes.groups(tab).map(({ id, name = '', x, y, w, h }) => {
        return { id, name, group: undefined, left: x, right: x + w, top: y, bottom: y + h }
      })
      return { nodes, groups }
    }, tab)

  /** Waits until the tab is drawn tidily, with all that is in the flow: the editor imports, measures and draws bit by bit. */
  const drawnTidily = async (flow: FlowNode[]) => {
    const count = flow.filter(({ z, type }) => z && type !== 'group').length
    const tab = String(flow[0]?.id)
    const giveUp = Date.now() + DRAWS_MS
    let wrong: string | undefined
    do {
      const drawn = await look(tab)
      wrong = drawn.nodes.length === count ? untidiness(drawn) : `${drawn.nodes.length} of ${count} nodes are there`
    } while (wrong && Date.now() < giveUp && (await delay(100, true)))
    assert.equal(wrong, undefined)
  }

  test('are listed in their order', async () => {
    const listed = (await (await openImport()).allTextContents()).filter((text) => /^\d\d - /.test(text))
    assert.deepEqual(listed, EXAMPLE_NAMES)
    await editor.page.keyboard.press('Escape')
    await editor.page.locator('#red-ui-clipboard-dialog-ok').waitFor({ state: 'hidden' })
  })

  for (const [index, name] of EXAMPLE_NAMES.entries()) {
    test(`${name}: is imported, and lies tidily`, { timeout: 30_000 }, async () => {
      await importExample(name)
      await drawnTidily(example(index + 1))
    })
  }

  test('are deployed; without keys each of their links says so once, however many frames come', async () => {
    const { nodeRed } = editor
    const logged = nodeRed.log.length
    await deployAnyway()
    const said = editor.page.locator('.red-ui-debug-msg', { hasText: 'There is no secret key' })
    await said.first().waitFor({ state: 'attached' })
    const complaints = nodeRed.log.slice(logged).match(/\[(error|warn)\].*/g) ?? []
    assert.equal(complaints.length, EXAMPLE_NAMES.flatMap((_, index) => linkNodes(example(index + 1))).length)
    for (const complaint of complaints) assert.match(complaint, /There is no secret key/)
  })

  test('01 shows its picture after the steps of its comment', { timeout: 30_000 }, async () => {
    const flow = example(1)
    await drawnTidily(flow)
    await editor.openDialog(nodeNamed(flow, 'loop camera').id)
    await editor.openKeysDialog('edit')
    await editor.page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('#node-config-input-publicKey')?.value.length === 40,
    )
    await editor.closeKeysDialog('ok')
    await editor.closeDialog('ok')
    await deployAnyway()
    assert.equal((await readPictures(`${editor.nodeRed.url}secure-loop.mjpeg`, 2)).length, 2)
  })

  test('all of that made no errors in the browser', () => {
    assert.deepEqual(editor.problems, [])
  })
})
