import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ROOT } from './installation'

const json = (...path: string[]) => JSON.parse(readFileSync(join(ROOT, ...path), 'utf8'))
const manifest = json('package.json')
const nodeRed = json('node_modules', 'node-red', 'package.json')

/** The least version of a range such as `>=20` or `>= 4.0.0`, as a number that can be compared; NaN for any other range. */
function leastVersion(range: string): number {
  const [, major = '', minor = '0', patch = '0'] = /^>= ?(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(range) ?? []
  return major === '' ? Number.NaN : (Number(major) * 1000 + Number(minor)) * 1000 + Number(patch)
}

/** The text of a node's editor half, its scripts only, as the scorecard searches them for a definition. */
function editorScripts(runtimeFile: string): string {
  const html = readFileSync(join(ROOT, runtimeFile.replace(/\.js$/, '.html')), 'utf8')
  return [...html.matchAll(/<script.+?type=['"]text\/javascript['"].*?>([\s\S]*?)<\/script>/gi)]
    .map(([, script]) => script)
    .join('\n')
}

/** What `node-red-dev validate` checks, which is what a package's page on flows.nodered.org shows, as far as it needs no network. */
describe('the scorecard of flows.nodered.org', () => {
  test('P01, P03: the licence is named, and where the code and its issues are', () => {
    assert.equal(manifest.license, 'Apache-2.0')
    assert.equal(manifest.repository.url, 'git+https://github.com/ironhouse/node-red-netgear.git')
    assert.equal(manifest.bugs.url, 'https://github.com/ironhouse/node-red-netgear/issues')
    assert.match(manifest.homepage, /^https:/)
  })

  test('P04, P05: the name has a scope, and the keywords let the catalogue find it', () => {
    assert.match(manifest.name, /^@[a-z\d][\w.-]+\/[a-z\d][\w.-]*$/)
    assert.ok(manifest.keywords.includes('node-red'))
  })

  test('P06, P07: the Node-RED that we test with, and the Node.js that it needs, are among those declared', () => {
    assert.ok(leastVersion(manifest['node-red'].version) <= leastVersion(`>=${nodeRed.version}`))
    assert.ok(leastVersion(manifest.engines.node) <= leastVersion(`>=20.0.0`))
  })

  test('N01: the nodes are defined where the scorecard reads their names, with icons that are there', () => {
    for (const [type, file] of Object.entries<string>(manifest['node-red'].nodes)) {
      const scripts = editorScripts(file)
      assert.ok(scripts.includes(`RED.nodes.registerType("${type}", {`), type)
      const [, icon = 'none'] = /^\s+icon: "([^"]+)"/m.exec(scripts) ?? []
      assert.ok(existsSync(join(ROOT, 'icons', icon)), `${type}: ${icon}`)
    }
  })

  test('N02: each node that can be dragged is in an example', () => {
    const files = readdirSync(join(ROOT, 'examples'))
    const used = new Set(files.flatMap((file) => json('examples', file).map(({ type }: { type: string }) => type)))
    for (const type of Object.keys(manifest['node-red'].nodes)) assert.ok(used.has(type), type)
  })

  test('D01, D02: few dependencies, and none that Node-RED cannot live with', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= 6)
    const installed = Object.entries<{ version: string; dev?: boolean }>(json('package-lock.json').packages)
    for (const [path, { version, dev }] of installed) {
      if (path.endsWith('/agent-base') && !dev) assert.ok(leastVersion(`>=${version}`) >= leastVersion('>=6'), version)
    }
  })
})
