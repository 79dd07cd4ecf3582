// One end of a link made with the zeromq package alone: no nodes, no checks, nothing kept. Started by the bench, with its settings as
// JSON in the first argument.
const zmq = require('zeromq')
const { headerWith, offeredAt, openSocket } = require('./bare-zeromq')
const { monotonicMs } = require('./clock')
const { loadFrames, sinks, sources } = require('./control')
const { Pace } = require('./pace')
const { Sink } = require('./sink')

const { role, pattern, port, curve, folder, sendQueue, receiveQueue } = JSON.parse(process.argv[2])

const SOCKETS = {
  sender: { pair: zmq.Pair, reqrep: zmq.Request, pubsub: zmq.Publisher },
  receiver: { pair: zmq.Pair, reqrep: zmq.Reply, pubsub: zmq.Subscriber },
}

const queue = {
  ...(role === 'sender' && { sendHighWaterMark: sendQueue }),
  ...(role === 'receiver' && { receiveHighWaterMark: receiveQueue }),
}
const socket = openSocket(SOCKETS[role][pattern], queue, curve)

if (role === 'sender') runSender()
else void runReceiver()

function runSender() {
  socket.connect(`tcp://127.0.0.1:${port}`)
  const frames = loadFrames(folder)
  const exchange = async (index) => {
    await socket.send([headerWith(monotonicMs()), frames[index % frames.length]])
    if (pattern !== 'pubsub') await socket.receive()
  }
  let busy = false
  const offer = async (index) => {
    if (busy) return
    busy = true
    try {
      await exchange(index)
    } finally {
      busy = false
    }
  }
  sources.push(new Pace(offer))
}

async function runReceiver() {
  const sink = new Sink()
  sinks.push(sink)
  if (pattern === 'pubsub') socket.subscribe()
  await socket.bind(`tcp://127.0.0.1:${port}`)
  const answer = Buffer.from('{"return_type": "NoneType", "data": null}')
  for await (const [header] of socket) {
    if (pattern !== 'pubsub') await socket.send(answer)
    sink.add(offeredAt(header))
  }
}
