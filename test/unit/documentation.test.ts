import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'

const ROOT = resolve(__dirname, '..', '..')
const RAW = 'https://raw.githubusercontent.com/ironhouse/node-red-netgear/HEAD/'
const DOCS = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'))
const PAGES = ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...DOCS.map((file) => `docs/${file}`)]

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')
const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, '')

/** The anchors that GitHub gives a page's headings. */
function anchorsOf(page: string): string[] {
  const headings = [...withoutCode(read(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

for (const page of PAGES) {
  test(`${page}: its links into this repository lead somewhere`, () => {
    const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)].map(
      ([, link, src]) => link ?? src ?? '',
    )
    for (const link of links) {
      const inside = link.startsWith(RAW) ? link.slice(RAW.length) : join(dirname(page), link)
      if (/^[a-z]+:/.test(link) && !link.startsWith(RAW)) continue
      const [file = '', anchor] = link.startsWith('#') ? [page, link.slice(1)] : inside.split('#')
      assert.ok(existsSync(join(ROOT, file)), link)
      if (anchor) assert.ok(anchorsOf(file).includes(anchor), link)
    }
  })
}

test('the README leads to every page', () => {
  for (const file of DOCS) assert.ok(read('README.md').includes(`](docs/${file})`), file)
})
