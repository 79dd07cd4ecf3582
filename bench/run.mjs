// "npm run bench": brings the checkout to where it can run, then measures. See docs/performance.md.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT } from '../scripts/checkout.mjs'

ensureInstalled()
ensureBuilt()
const main = join(ROOT, 'bench', 'main.ts')
const { status } = spawnSync(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
})
process.exit(status ?? 1)
