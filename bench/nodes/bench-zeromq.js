const zmq = require('zeromq')
const { headerWith, offeredAt, openSocket } = require('../programs/bare-zeromq')

/** Both ends of a link made with the zeromq package alone, as nodes: what they cost is Node-RED's and zeromq's. */
module.exports = (RED) => {
  function BenchZeromqOut(config) {
    RED.nodes.createNode(this, config)
    const { port, curve, sendQueue } = config
    const socket = openSocket(zmq.Publisher, { sendHighWaterMark: sendQueue }, curve)
    socket.connect(`tcp://127.0.0.1:${port}`)
    let busy = false
    this.on('input', async ({ payload, data }, _send, done) => {
      if (!busy) {
        busy = true
        await socket.send([headerWith(data.t), payload])
        busy = false
      }
      done()
    })
    this.on('close', () => socket.close())
  }

  function BenchZeromqIn(config) {
    RED.nodes.createNode(this, config)
    const { port, curve, receiveQueue } = config
    const socket = openSocket(zmq.Subscriber, { receiveHighWaterMark: receiveQueue }, curve)
    this.on('close', () => socket.close())
    void receive(this, socket, port)
  }

  RED.nodes.registerType('bench-zeromq-out', BenchZeromqOut)
  RED.nodes.registerType('bench-zeromq-in', BenchZeromqIn)
}

async function receive(node, socket, port) {
  socket.subscribe()
  await socket.bind(`tcp://127.0.0.1:${port}`)
  for await (const [header, payload] of socket) node.send({ payload, data: { t: offeredAt(header) } })
}
