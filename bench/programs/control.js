const { readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')

/** What the bench rules in this process: whoever makes one adds it here. */
exports.sources = []
exports.sinks = []

/** The frames of a folder, in the order of their names. */
exports.loadFrames = (folder) =>
  readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name)))

const COMMANDS = {
  start: ({ fps }) => {
    for (const source of exports.sources) source.start(fps)
  },
  stop: () => {
    for (const source of exports.sources) source.stop()
    return offered()
  },
  reset: () => {
    for (const sink of exports.sinks) sink.reset()
  },
  report: () => ({ sinks: exports.sinks.map((sink) => sink.report()) }),
  offered,
}

function offered() {
  return { offered: exports.sources.map(({ offered }) => offered) }
}

process.on('message', ({ id, command, ...given }) => {
  if (COMMANDS[command]) process.send({ id, ...COMMANDS[command](given) })
})
