import type { NodeAPI } from 'node-red'
import { NetgearError } from '../../lib/wire/error'
import { lanAddresses } from './addresses'
import { figuresOf } from './figures'
import { liveLink, liveLinks } from './live-link'
import { pythonProgram } from './python-program'

type Answer = Buffer | object | undefined

const served = new WeakSet<object>()

/**
 * What the editor asks for while somebody looks at a link, below `netgear/` on the admin side, all GET with the permission
 * `netgear.read`. `links` (`?node=<id>`: only that one): figures and last events. `preview/<node id>`: the newest frame as a small
 * JPEG (`?port=<number>`: of that port), 204 while there is none, also because the node is just being deployed anew. `addresses`: this machine's. `program`: the Python program for
 * the other end. A `NetgearError` is answered with status 422 and `{code, message}`.
 *
 * Each link node calls this, as each can be installed without the others; the first one registers.
 */
export function registerPreviewAdmin(RED: NodeAPI): void {
  if (served.has(RED.httpAdmin)) return
  served.add(RED.httpAdmin)

  function answer(path: string, work: (parameters: Record<string, unknown>) => Answer | Promise<Answer>): void {
    RED.httpAdmin.get(`/netgear/${path}`, RED.auth.needsPermission('netgear.read'), async (request, response) => {
      response.set({ 'cache-control': 'no-store', 'cross-origin-resource-policy': 'same-origin' })
      try {
        const result = await work({ ...request.query, ...request.params })
        if (result === undefined) response.sendStatus(204)
        else if (Buffer.isBuffer(result)) response.type('jpeg').send(result)
        else response.json(result)
      } catch (error) {
        if (error instanceof NetgearError) response.status(422).json({ code: error.code, message: error.message })
        else {
          RED.log.error(`netgear/${path}: ${error}`)
          response.sendStatus(500)
        }
      }
    })
  }

  answer('links', ({ node }) => {
    if (typeof node !== 'string') return liveLinks().map(figuresOf)
    const link = liveLink(node)
    return link ? [figuresOf(link)] : []
  })
  answer('preview/:node', ({ node, port }) =>
    liveLink(String(node))?.thumbnail(port === undefined ? undefined : Number(port)),
  )
  answer('addresses', () => lanAddresses())
  answer('program', (parameters) => ({ text: pythonProgram(parameters) }))
}
