// "npm run bench": brings the checkout to where it can run, then measures. See docs/performance.md.
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT, run } from '../scripts/checkout.mjs'

ensureInstalled()
ensureBuilt()
run(process.execPath, '--import', 'tsx', join(ROOT, 'bench', 'main.ts'), ...process.argv.slice(2))
