const { monotonicMs } = require('../programs/clock')
const { sinks } = require('../programs/control')
const { Sink } = require('../programs/sink')

/** Counts the frames that reach it, and keeps the event loop busy for as long as it is told with each. */
module.exports = (RED) => {
  function BenchSink(config) {
    RED.nodes.createNode(this, config)
    const sink = new Sink()
    sinks.push(sink)
    this.on('input', ({ payload, data }, _send, done) => {
      sink.add(data ? data.t : payload.readDoubleLE(4))
      if (config.busyMs > 0) stayBusy(config.busyMs)
      done()
    })
    this.on('close', () => sinks.splice(sinks.indexOf(sink), 1))
  }

  RED.nodes.registerType('bench-sink', BenchSink)
}

function stayBusy(ms) {
  const until = monotonicMs() + ms
  while (monotonicMs() < until);
}
