const { monotonicMs } = require('../programs/clock')
const { loadFrames, sources } = require('../programs/control')
const { Pace } = require('../programs/pace')

const PREFIX_BYTES = 12

/** Sends frames from memory when the bench says so. */
module.exports = (RED) => {
  function BenchSource(config) {
    RED.nodes.createNode(this, config)
    const frames = loadFrames(config.folder)
    const message = MESSAGES[config.form]
    const pace = new Pace((index) => this.send(message(frames[index % frames.length], config)))
    sources.push(pace)
    this.on('close', () => {
      pace.stop()
      sources.splice(sources.indexOf(pace), 1)
    })
  }

  RED.nodes.registerType('bench-source', BenchSource)
}

const MESSAGES = {
  jpeg: (payload) => ({ payload, data: { t: monotonicMs() } }),
  raw: (payload, { width, height }) => ({
    payload,
    data: { t: monotonicMs() },
    netgear: { encoding: 'raw', width, height, channels: 3, colorspace: 'BGR' },
  }),
  // Where nothing else can travel with the frame: its length, its moment, its bytes.
  prefixed: (frame) => {
    const payload = Buffer.allocUnsafe(PREFIX_BYTES + frame.length)
    payload.writeUInt32BE(payload.length)
    payload.writeDoubleLE(monotonicMs(), 4)
    frame.copy(payload, PREFIX_BYTES)
    return { payload }
  },
}
