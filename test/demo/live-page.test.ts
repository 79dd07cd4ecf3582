import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../browser/chromium'
import { needs } from '../requirements'
import { type FlowNode, RunningDemo } from './running-demo'

const ROOT = resolve(__dirname, '..', '..')

interface FunctionNode extends FlowNode {
  initialize: string
  func: string
}

function feedNode(file: string): FunctionNode {
  const flow = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as FunctionNode[]
  const node = flow.find(({ name }) => name === 'to every open page')
  assert.ok(node)
  return node
}

/** An open page, as the function node sees it: a response of Express. */
class OpenPage extends EventEmitter {
  writableLength = 0
  readonly written: (string | Buffer)[] = []

  writeHead(): void {}
  cork(): void {}
  uncork(): void {}

  write(piece: string | Buffer): void {
    this.written.push(piece)
  }
}

/** The function node's two pieces of code, run as Node-RED runs them. */
function runningFeed() {
  const node = feedNode('demo/flow.json')
  const store = new Map<string, unknown>()
  const flow = { get: (key: string) => store.get(key), set: (key: string, value: unknown) => store.set(key, value) }
  const piece = (code: string) => {
    const run = new Function('flow', 'msg', code)
    return (msg?: object) => run(flow, msg)
  }
  const start = piece(node.initialize)
  start()
  return { start, take: piece(node.func) }
}

describe('the function node that feeds the open pages', () => {
  const frame = (text: string) => ({ payload: Buffer.from(text) })

  test('is the same in the demo and in the example', () => {
    const { func, initialize } = feedNode('examples/01 - Secure loop with live page.json')
    const demo = feedNode('demo/flow.json')
    assert.deepEqual([func, initialize], [demo.func, demo.initialize])
  })

  test('sends each page every frame, and a slow page only the frames for which it has room', () => {
    const { take } = runningFeed()
    const fast = new OpenPage()
    const slow = new OpenPage()
    for (const page of [fast, slow]) take({ res: { _res: page } })
    take(frame('one'))
    slow.writableLength = 60_000
    take(frame('two'))
    slow.writableLength = 0
    take(frame('three'))
    const frames = (page: OpenPage) => page.written.filter((piece) => typeof piece !== 'string').map(String)
    assert.deepEqual(frames(fast), ['one', 'two', 'three'])
    assert.deepEqual(frames(slow), ['one', 'three'])
  })

  test('forgets a page that was closed', () => {
    const { take } = runningFeed()
    const page = new OpenPage()
    take({ res: { _res: page } })
    page.emit('close')
    const { length } = page.written
    take(frame('one'))
    assert.equal(page.written.length, length)
  })

  test('keeps open pages over a deploy, and lets the end of a stream pass', () => {
    const { start, take } = runningFeed()
    const page = new OpenPage()
    take({ res: { _res: page } })
    start()
    const { length } = page.written
    take({ complete: true })
    assert.equal(page.written.length, length)
    take(frame('one'))
    assert.ok(page.written.length > length)
  })
})

describe('the live page in a browser', needs('chromium'), () => {
  let folder: string
  let demo: RunningDemo
  let browser: Browser
  let page: Page

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netgear-demo-'))
    demo = await RunningDemo.start(join(folder, 'user'))
    browser = await openBrowser()
    page = await browser.newPage()
    await page.goto(`${demo.editor}live`, { waitUntil: 'commit' })
  })

  after(async () => {
    await browser?.close()
    await demo?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Resolves when the picture on the page has changed. */
  const moves = async () => {
    await page.waitForFunction(() => Number(document.querySelector('img')?.naturalWidth) > 0)
    const first = await page.locator('img').screenshot()
    let next: Buffer
    do next = await page.locator('img').screenshot()
    while (next.equals(first))
  }

  test('shows moving pictures', { timeout: 20_000 }, () => moves())

  test('goes on after a deploy', { timeout: 20_000 }, async () => {
    await moves()
    await demo.deploy(await demo.flows())
    await moves()
  })
})
