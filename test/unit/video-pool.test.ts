import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { OrderedPool, type OrderedPoolOptions } from '../../lib/video/ordered-pool'

/** A pool whose conversions end when the test says so; `log` tells what came of each input. */
function controlled(options: Partial<OrderedPoolOptions<number, string>> & { concurrency: number }) {
  const log: string[] = []
  const running = new Map<number, { finish: () => void; fail: () => void }>()
  let most = 0
  const pool = new OrderedPool<number, string>({
    convert: (input) =>
      new Promise((resolve, reject) => {
        running.set(input, { finish: () => resolve(`<${input}>`), fail: () => reject(new Error(`no ${input}`)) })
        most = Math.max(most, running.size)
      }),
    deliver: (output, input) => log.push(`deliver ${input} ${output}`),
    dropped: (input) => log.push(`drop ${input}`),
    failed: (error, input) => log.push(`fail ${input} ${error instanceof Error ? error.message : error}`),
    ...options,
  })
  const end = async (input: number, how: 'finish' | 'fail' = 'finish') => {
    const conversion = running.get(input)
    assert.ok(conversion, `${input} is not running`)
    running.delete(input)
    conversion[how]()
    await turn()
  }
  return { pool, log, running, end, most: () => most }
}

describe('OrderedPool', () => {
  test('delivers in the order of arrival, whatever ends first', async () => {
    const { pool, log, end } = controlled({ concurrency: 3 })
    for (const input of [1, 2, 3]) pool.offer(input)
    await end(3)
    await end(2)
    assert.deepEqual(log, [])
    await end(1)
    assert.deepEqual(log, ['deliver 1 <1>', 'deliver 2 <2>', 'deliver 3 <3>'])
  })

  test('runs no more than allowed at once; results that wait for their turn count too', async () => {
    const { pool, running, end } = controlled({ concurrency: 2, waiting: 5 })
    for (const input of [1, 2, 3, 4]) pool.offer(input)
    assert.deepEqual([...running.keys()], [1, 2])
    await end(2)
    assert.deepEqual([...running.keys()], [1])
    await end(1)
    assert.deepEqual([...running.keys()], [3, 4])
  })

  test('the newest wins: one more than may wait drops the oldest that waits', async () => {
    const { pool, log, end } = controlled({ concurrency: 1 })
    for (const input of [1, 2, 3, 4]) pool.offer(input)
    assert.deepEqual(log, ['drop 2', 'drop 3'])
    await end(1)
    await end(4)
    assert.deepEqual(log.slice(2), ['deliver 1 <1>', 'deliver 4 <4>'])
  })

  test('told to drop the others, it keeps a burst that fits, and of a longer one the newest', async () => {
    const { pool, log, end } = controlled({ concurrency: 1, waiting: 2, overflowDrops: 'others' })
    for (const input of [1, 2, 3]) pool.offer(input)
    assert.deepEqual(log, [])
    pool.offer(4)
    assert.deepEqual(log, ['drop 2', 'drop 3'])
    pool.offer(5)
    await end(1)
    await end(4)
    await end(5)
    assert.deepEqual(log.slice(2), ['deliver 1 <1>', 'deliver 4 <4>', 'deliver 5 <5>'])
  })

  test('with nothing allowed to wait, what finds no place is dropped', () => {
    const { pool, log, running } = controlled({ concurrency: 1, waiting: 0 })
    for (const input of [1, 2]) pool.offer(input)
    assert.deepEqual(log, ['drop 2'])
    assert.deepEqual([...running.keys()], [1])
  })

  test('a failure is told in its place and holds up nobody', async () => {
    const { pool, log, end } = controlled({ concurrency: 2 })
    for (const input of [1, 2, 3]) pool.offer(input)
    await end(2, 'fail')
    assert.deepEqual(log, [])
    await end(1)
    await end(3)
    assert.deepEqual(log, ['deliver 1 <1>', 'fail 2 no 2', 'deliver 3 <3>'])
  })

  test('closing drops all that was not delivered, running or waiting, once and for good', async () => {
    const { pool, log, end } = controlled({ concurrency: 2, waiting: 1 })
    for (const input of [1, 2, 3]) pool.offer(input)
    await end(2)
    pool.close()
    assert.deepEqual(log, ['drop 1', 'drop 2', 'drop 3'])
    await end(1)
    pool.offer(4)
    pool.close()
    assert.deepEqual(log.slice(3), ['drop 4'])
  })

  test('closing from within deliver stops there', async () => {
    const log: string[] = []
    const { pool, end } = controlled({
      concurrency: 2,
      deliver: (_, input) => {
        log.push(`deliver ${input}`)
        pool.close()
      },
      dropped: (input) => log.push(`drop ${input}`),
    })
    for (const input of [1, 2]) pool.offer(input)
    await end(2)
    await end(1)
    assert.deepEqual(log, ['deliver 1', 'drop 2'])
  })

  test('offering from within deliver keeps the order', async () => {
    const delivered: number[] = []
    const { pool, end } = controlled({
      concurrency: 1,
      deliver: (_, input) => {
        delivered.push(input)
        if (input === 1) pool.offer(2)
      },
    })
    pool.offer(1)
    await end(1)
    await end(2)
    assert.deepEqual(delivered, [1, 2])
  })

  test('what callbacks throw becomes failed, and goes no further', async (t) => {
    const escaped: unknown[] = []
    const note = (error: unknown) => escaped.push(error)
    process.on('unhandledRejection', note)
    t.after(() => process.off('unhandledRejection', note))
    const failed: string[] = []
    const explode = (input: number) => {
      throw new Error(`callback ${input}`)
    }
    const pool = new OrderedPool<number, number>({
      concurrency: 1,
      convert: (input) => (input === 1 ? explode(input) : Promise.resolve(input)),
      deliver: (_, input) => explode(input),
      dropped: async (input) => explode(input),
      failed: (error, input) => {
        failed.push(`${input}: ${error instanceof Error ? error.message : error}`)
        throw new Error('failed fails')
      },
    })
    for (const input of [1, 2, 3]) pool.offer(input)
    await turn()
    await turn()
    assert.deepEqual(failed.sort(), ['1: callback 1', '2: callback 2', '3: callback 3'])
    assert.deepEqual(escaped, [])
  })

  test('a mark is reached after all that came before it and before all that comes later, whatever is dropped', async () => {
    const { pool, log, end } = controlled({ concurrency: 2 })
    const mark = (name: string) => pool.mark(() => log.push(`mark ${name}`))
    mark('at once')
    assert.deepEqual(log.splice(0), ['mark at once'])
    for (const input of [1, 2, 3]) pool.offer(input)
    mark('a')
    mark('b')
    pool.offer(4)
    assert.deepEqual(log.splice(0), ['drop 3'])
    await end(2)
    assert.deepEqual(log, [])
    await end(1)
    assert.deepEqual(log.splice(0), ['deliver 1 <1>', 'deliver 2 <2>', 'mark a', 'mark b'])
    assert.equal(pool.idle, false)
    await end(4, 'fail')
    assert.deepEqual(log.splice(0), ['fail 4 no 4'])
    assert.equal(pool.idle, true)
  })

  test('closing reaches the marks after what is dropped, and what a mark throws goes no further', () => {
    const { pool, log } = controlled({ concurrency: 1 })
    const mark = (name: string) =>
      pool.mark(() => {
        log.push(`mark ${name}`)
        throw new Error('mark')
      })
    pool.offer(1)
    mark('a')
    pool.offer(2)
    mark('b')
    pool.close()
    mark('after')
    assert.deepEqual(log, ['drop 1', 'mark a', 'drop 2', 'mark b', 'mark after'])
    assert.equal(pool.idle, true)
  })

  test('inputs of one burst wait together as one, and are pushed out together', async () => {
    const { pool, log, running, end } = controlled({ concurrency: 1, waiting: 2, burst: (n) => Math.floor(n / 10) })
    for (const input of [10, 11, 12, 13, 20, 21]) pool.offer(input)
    assert.deepEqual(log, [])
    pool.offer(30)
    assert.deepEqual(log, ['drop 11', 'drop 12', 'drop 13'])
    for (const input of [10, 20, 21, 30]) {
      assert.deepEqual([...running.keys()], [input])
      await end(input)
    }
    assert.equal(pool.idle, true)
  })

  test('each input ends once, in order, within the bounds, whatever happens', async () => {
    const steps = fc.array(
      fc.oneof(fc.constantFrom('offer' as const, 'more' as const, 'mark' as const), fc.nat({ max: 5 })),
      { maxLength: 60 },
    )
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 3 }),
        fc.nat({ max: 3 }),
        fc.constantFrom('oldest' as const, 'others' as const),
        async (plan, concurrency, waiting, overflowDrops) => {
          const bursts: number[] = []
          const { pool, log, running, end, most } = controlled({
            concurrency,
            waiting,
            overflowDrops,
            burst: (input) => bursts[input],
          })
          const marks: number[] = []
          const ended = () => log.filter((line) => !line.startsWith('mark'))
          for (const step of plan) {
            if (step === 'offer' || step === 'more') {
              bursts.push((bursts.at(-1) ?? 0) + (step === 'offer' ? 1 : 0))
              pool.offer(bursts.length - 1)
            } else if (step === 'mark') {
              const before = bursts.length
              marks.push(before)
              pool.mark(() => log.push(`mark ${before}`))
            } else {
              const input = [...running.keys()][step]
              if (input !== undefined) await end(input, step % 2 ? 'fail' : 'finish')
            }
            const gone = new Set(ended().map((line) => Number(line.split(' ')[1])))
            const held = bursts.map((burst, input) => ({ burst, input })).filter(({ input }) => !gone.has(input))
            const waits = held.slice(concurrency)
            assert.ok(new Set(waits.map(({ burst }) => burst)).size <= waiting)
          }
          assert.ok(most() <= concurrency)
          pool.close()
          const ends = ended().map((line) => Number(line.split(' ')[1]))
          assert.deepEqual(
            [...ends].sort((a, b) => a - b),
            bursts.map((_, input) => input),
          )
          const told = ended()
            .filter((line) => !line.startsWith('drop'))
            .map((line) => Number(line.split(' ')[1]))
          assert.deepEqual(
            told,
            [...told].sort((a, b) => a - b),
          )
          const reached = log.flatMap((line, at) =>
            line.startsWith('mark') ? [{ at, before: Number(line.slice(5)) }] : [],
          )
          assert.deepEqual(
            reached.map(({ before }) => before),
            marks,
          )
          for (const { at, before } of reached) {
            const earlier = log.slice(0, at).filter((line) => !line.startsWith('mark'))
            assert.equal(earlier.filter((line) => Number(line.split(' ')[1]) < before).length, before)
            for (const line of earlier)
              assert.ok(line.startsWith('drop') || Number(line.split(' ')[1]) < before, `${line} before mark ${before}`)
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})
