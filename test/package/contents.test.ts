import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { before, describe, test } from 'node:test'
import { nodeRed4, npm, ROOT } from './installation'

const NODES = ['netgear-keys', 'netgear-in', 'netgear-out']
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

describe('npm pack', () => {
  let files: string[]

  before(async () => {
    const { stdout } = await npm(nodeRed4(), ROOT, 'pack', '--ignore-scripts', '--json', '--dry-run')
    const [{ files: listed }] = JSON.parse(stdout)
    files = listed.map(({ path }: { path: string }) => path)
  })

  const contents = (file: string) => readFileSync(join(ROOT, file), 'utf8')

  test('takes what a user needs', () => {
    const wanted = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'examples/03 - Receive from Python.json']
    for (const node of NODES) {
      const folder = `dist/nodes/${node}`
      wanted.push(`${folder}/${node}.js`, `${folder}/${node}.html`, `dist/nodes/netgear-in/icons/${node}.svg`)
      for (const language of ['en-US', 'de', 'ja']) {
        wanted.push(`${folder}/locales/${language}/${node}.json`, `${folder}/locales/${language}/${node}.html`)
      }
    }
    assert.deepEqual(
      wanted.filter((file) => !files.includes(file)),
      [],
    )
  })

  test('takes nothing else', () => {
    const known = [
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/,
      /^examples\/[^/]+\.json$/,
      /^dist\/(lib|nodes)\/.+\.(js|d\.ts)$/,
      /^dist\/nodes\/netgear-(in|out|keys)\/netgear-(in|out|keys)\.html$/,
      /^dist\/nodes\/netgear-(in|out|keys)\/locales\/[\w-]+\/netgear-(in|out|keys)\.(json|html)$/,
      /^dist\/nodes\/netgear-in\/icons\/netgear-(in|out|keys)\.svg$/,
    ]
    assert.deepEqual(
      files.filter((file) => !known.some((pattern) => pattern.test(file))),
      [],
    )
    assert.deepEqual(
      files.filter((file) => /test|\.editor\.|\.map$/.test(file)),
      [],
    )
  })

  test('takes no script that names a source map, or that requires what is not packed', () => {
    const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const script = contents(file)
      assert.doesNotMatch(script, /sourceMappingURL/, file)
      for (const [, wanted = ''] of script.matchAll(/require\("([^"]+)"\)/g)) {
        if (wanted.startsWith('node:') || dependencies.includes(wanted)) continue
        const path = normalize(join(dirname(file), wanted)).replaceAll('\\', '/')
        const isPacked = [path, `${path}.js`, `${path}/index.js`].some((candidate) => files.includes(candidate))
        assert.ok(wanted.startsWith('.') && isPacked, `${file} requires ${wanted}`)
      }
    }
  })

  test('takes everything that package.json names', () => {
    const named = [
      ...Object.values<string>(manifest['node-red'].nodes),
      ...Object.values<string | Record<string, string>>(manifest.exports).flatMap((entry) =>
        typeof entry === 'string' ? entry : Object.values(entry),
      ),
    ]
    assert.deepEqual(
      named.map((path) => path.replace(/^\.\//, '')).filter((path) => !files.includes(path)),
      [],
    )
  })

  test('needs no script of its own to be installed', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      assert.equal(manifest.scripts[script], undefined)
    }
  })
})
