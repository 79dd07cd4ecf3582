import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import sharp from 'sharp'
import { shootPictures } from '../../scripts/pictures/shoot'
import { needs } from '../requirements'

const ROOT = resolve(__dirname, '..', '..')
const DOCS = join(ROOT, 'docs')
const RAW = 'https://raw.githubusercontent.com/ironhouse/node-red-netgear/HEAD/'

const COLOURS = { barn: [200, 105, 77], gate: [18, 20, 28], done: [173, 22, 37] } as const

/** How many of a thousand pixels have about a colour. */
async function perMille(file: string, colour: keyof typeof COLOURS): Promise<number> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  let found = 0
  for (let at = 0; at < data.length; at += info.channels) {
    if (COLOURS[colour].every((value, channel) => Math.abs(value - (data[at + channel] ?? 0)) < 12)) found += 1
  }
  return (1000 * found * info.channels) / data.length
}

test('npm run pictures pictures dialogs and moving frames', {
  skip: needs('chromium').skip || needs('ffmpeg').skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'netgear-pictures-'))
  t.after(() => rmSync(folder, { recursive: true }))
  await shootPictures(folder, 1)
  assert.deepEqual(readdirSync(folder).sort(), readdirSync(join(DOCS, 'pictures')).sort())
  for (const [file, colour, least] of [
    ['live.png', 'barn', 1],
    ['live.png', 'done', 1],
    ['keys.png', 'done', 1],
    ['links.png', 'barn', 1],
    ['links.png', 'gate', 1],
  ] as const) {
    const seen = await perMille(join(folder, file), colour)
    assert.ok(seen >= least, `${file}: ${seen} ‰ of it are ${colour}`)
  }
})

test('each picture is small, and shown by the README where npm finds it', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  for (const picture of readdirSync(join(DOCS, 'pictures'))) {
    assert.ok(statSync(join(DOCS, 'pictures', picture)).size < 200_000, picture)
    assert.ok(readme.includes(`${RAW}docs/pictures/${picture}`), picture)
  }
})
