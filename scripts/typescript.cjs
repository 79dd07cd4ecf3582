// Lets Node.js load TypeScript: node --require ./scripts/typescript.cjs FILE.ts. What is compiled once is kept for all processes, which
// makes the start of each of the many test files several times as fast as with tsx.
const { createHash } = require('node:crypto')
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { version } = require('esbuild/package.json')

const CACHE = join(__dirname, '..', 'node_modules', '.cache', 'typescript')

/** @returns {import('esbuild').TransformOptions} */
function optionsFor(/** @type {string} */ file) {
  return { loader: 'ts', format: 'cjs', target: 'node20', sourcemap: 'inline', sourcefile: file }
}

function compiledPath(/** @type {string} */ file, /** @type {string} */ source) {
  return join(CACHE, createHash('sha1').update(`${version}\0${file}\0${source}`).digest('hex'))
}

/** Another process may read it at any time, so it appears as a whole. */
function keep(/** @type {string} */ path, /** @type {string} */ code) {
  mkdirSync(CACHE, { recursive: true })
  const unfinished = `${path}-${process.pid}`
  writeFileSync(unfinished, code)
  renameSync(unfinished, path)
}

/** Compiles files that are not compiled yet; a file that does not compile is left to whoever loads it. */
async function compileAhead(/** @type {string[]} */ files) {
  const { transform } = require('esbuild')
  const compile = async (/** @type {string} */ file) => {
    const source = readFileSync(file, 'utf8')
    const path = compiledPath(file, source)
    if (existsSync(path)) return
    const compiled = await transform(source, { ...optionsFor(file), logLevel: 'silent' }).catch(() => undefined)
    if (compiled) keep(path, compiled.code)
  }
  await Promise.all(files.map(compile))
}

process.setSourceMapsEnabled(true)
require.extensions['.ts'] = (module, file) => {
  const source = readFileSync(file, 'utf8')
  const path = compiledPath(file, source)
  if (!existsSync(path)) keep(path, require('esbuild').transformSync(source, optionsFor(file)).code)
  // Node.js has this method for such loaders, its types do not.
  const { _compile } = /** @type {{ _compile: (code: string, file: string) => void }} */ (
    /** @type {unknown} */ (module)
  )
  _compile.call(module, readFileSync(path, 'utf8'), file)
}

module.exports = { compileAhead }
