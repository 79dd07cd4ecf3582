import { DEFAULT_LINK_LIMITS, type LinkLimits, wireLimits } from '../../lib/link/limits'
import type { Returned } from '../../lib/link/returned'
import type { PictureHints } from '../../lib/video/identify'
import { OrderedPool } from '../../lib/video/ordered-pool'
import { asNetgearError } from '../link-runtime'
import { encodeReturned, readReturned, type ValueToReturn } from './returned'

interface Job {
  value: ValueToReturn
  done(error?: Error): void
}

/** What gives the value back to the senders: the node's receiver. */
interface Answering {
  answerWith(returned: Returned | undefined): void
}

/** Keeps what the node returns: the newest value that a message set, also over a change of keys, which opens a new receiver. */
export class ReturnChannel {
  readonly #pool: OrderedPool<Job, Returned | undefined>
  #returned: Returned | undefined
  #receiver: Answering | undefined
  #frameBytes = wireLimits(DEFAULT_LINK_LIMITS).frameBytes

  /** `problem`: why there is no link that could return anything, where that is so. */
  constructor(problem: () => Error | undefined) {
    this.#pool = new OrderedPool({
      concurrency: 1,
      convert: ({ value }) => encodeReturned(value, this.#frameBytes),
      deliver: (returned, { done }) => {
        const error = problem()
        if (!error) this.#set(returned)
        done(error)
      },
      dropped: ({ done }) => done(),
      failed: (error, { done }) => done(asNetgearError(error)),
    })
  }

  /** Goes over to another receiver, which gives back what was set before. */
  use(receiver: Answering, limits: LinkLimits): void {
    this.#receiver = receiver
    this.#frameBytes = wireLimits(limits).frameBytes
    receiver.answerWith(this.#returned)
  }

  /** Takes what a message sets; calls `done` exactly once, also when a newer message came before this one was encoded. */
  take(msg: PictureHints & { payload?: unknown }, done: (error?: Error) => void): void {
    try {
      this.#pool.offer({ value: readReturned(msg), done })
    } catch (error) {
      done(asNetgearError(error))
    }
  }

  /** Every message that waits is done. */
  close(): void {
    this.#pool.close()
  }

  #set(returned: Returned | undefined): void {
    this.#returned = returned
    this.#receiver?.answerWith(returned)
  }
}
