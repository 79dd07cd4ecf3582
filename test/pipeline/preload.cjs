// Runs inside each Node-RED of the pipeline, before it: steps its clock, and tells its memory, when the harness says so.
let stepMs = 0
const RealDate = Date
const now = () => RealDate.now() + stepMs

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length > 0 ? given : [now()], newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
})

process.on('message', (order) => {
  if (order.stepMs !== undefined) stepMs += order.stepMs
  if (order.ask === 'memory') {
    globalThis.gc?.()
    process.send?.({ memory: process.memoryUsage() })
  }
})
// Nobody is to outlive the harness.
process.on('disconnect', () => process.exit())
