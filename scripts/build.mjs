// Builds dist/: the runtime halves and lib by tsc, each node's editor half by esbuild into its .html.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const shared = join(root, 'nodes', 'editor')
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

function compile(project) {
  try {
    execFileSync(process.execPath, [tsc, '-p', join(root, project)], { stdio: 'inherit', cwd: root })
  } catch {
    // Half of it would be taken for the whole.
    rmSync(dist, { recursive: true, force: true })
    console.error(`The build stops here: ${project} has type errors (above).`)
    process.exit(1)
  }
}

async function bundleScript(entryPoint) {
  const bundle = await build({
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    logLevel: 'warning',
  })
  return bundle.outputFiles[0].text
}

function formOf(file) {
  return readFileSync(file, 'utf8').replace(/<!-- include (\S+) -->\n/g, (_, part) => formOf(join(dirname(file), part)))
}

// Node-RED loads one catalogue per node, so what the nodes share is put into each. It takes from en-US what a language lacks.
function writeLocales(node, target) {
  const source = join(root, 'nodes', node, 'locales')
  const common = join(shared, 'locales')
  cpSync(source, join(target, 'locales'), { recursive: true })
  for (const language of new Set([...readdirSync(common), ...readdirSync(source)])) {
    const texts = {
      ...catalogueIn(join(common, language, 'link.json')),
      ...catalogueIn(join(source, language, `${node}.json`)),
    }
    mkdirSync(join(target, 'locales', language), { recursive: true })
    writeFileSync(join(target, 'locales', language, `${node}.json`), JSON.stringify(texts, null, 2))
  }
}

function catalogueIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

async function buildEditorHalf(node) {
  const source = join(root, 'nodes', node)
  const target = join(dist, 'nodes', node)
  const script = await bundleScript(join(source, `${node}.editor.ts`))
  const style = ['dialog.css', 'preview.css'].map((file) => readFileSync(join(shared, file), 'utf8')).join('')
  const form = formOf(join(source, `${node}.html`))
  mkdirSync(target, { recursive: true })
  writeFileSync(
    join(target, `${node}.html`),
    `<script type="text/javascript">\n${script}</script>\n<style>\n${style}</style>\n${form}`,
  )
  writeLocales(node, target)
}

rmSync(dist, { recursive: true, force: true })
compile('tsconfig.json')
compile('tsconfig.editor.json')
const nodes = readdirSync(join(root, 'nodes')).filter((name) => existsSync(join(root, 'nodes', name, `${name}.html`)))
await Promise.all(nodes.map(buildEditorHalf))
// Node-RED looks for icons only beside a listed .js file; one such folder serves all nodes of the package.
cpSync(join(root, 'icons'), join(dist, 'nodes', 'netgear-in', 'icons'), { recursive: true })
