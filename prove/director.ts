import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { FaultInstruction, FaultQuery } from './fault-protocol.ts'
import { isOutage, type Fault, type Outage } from './plan.ts'

/** Decides which fault occurs at a call. It counts the calls of all workers together. */
export interface Director {
  readonly url: string
  /** Sets the faults of a new round; those that remain of the last one are discarded. */
  startRound(faults: readonly Fault[], whoIs: (workflowId: string) => number | null): void
  /** The time of the last fault, in milliseconds since the epoch; 0 for never. */
  lastStruck(): number
  /**
   * The number of this round's faults that have not occurred yet; a worker's death has occurred once the worker is
   * dead.
   */
  pending(): number
  /** To be called when the worker is dead. */
  workerDied(): void
  /** Stops all further faults. */
  stop(): void
  close(): Promise<void>
}

export async function startDirector(options: {
  /** False if the outage could not be started, because that server is already unavailable. */
  outage: (what: Outage) => Promise<boolean>
  struck: (what: Fault['what']) => void
}): Promise<Director> {
  let pending: Fault[] = []
  let whoIs: (workflowId: string) => number | null = () => null
  const calls = new Map<string, number>()
  let lastStruck = 0
  let dying = 0

  async function decide({ workflowId, call }: FaultQuery): Promise<FaultInstruction> {
    const who = workflowId === null ? null : whoIs(workflowId)
    if (who === null) return {}
    const key = `${who} ${call}`
    const nth = (calls.get(key) ?? 0) + 1
    calls.set(key, nth)
    const due = pending.filter(({ at }) => at.who === who && at.call === call && at.nth === nth)
    pending = pending.filter((fault) => !due.includes(fault))
    let order: FaultInstruction = {}
    for (const { what } of due) {
      if (isOutage(what) && !(await options.outage(what))) continue
      options.struck(what)
      lastStruck = Date.now()
      if (!isOutage(what)) order = { ...order, ...INSTRUCTIONS[what] }
    }
    if (order.die !== undefined) dying += 1
    return order
  }

  const server = createServer((request, response) => {
    void (async () => {
      const order = await decide((await json(request)) as FaultQuery)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(order))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    startRound(faults, people) {
      pending = [...faults]
      whoIs = people
      calls.clear()
    },
    lastStruck: () => lastStruck,
    pending: () => pending.length + dying,
    workerDied: () => void (dying = 0),
    stop() {
      pending = []
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const INSTRUCTIONS: Readonly<Record<Exclude<Fault['what'], Outage>, FaultInstruction>> = {
  'worker dies before': { die: 'before' },
  'worker dies after': { die: 'after' },
  'answer is lost': { answer: 'lost' },
  'no answer': { answer: 'none' },
  'mongo is slow here': { slow: true },
  'answers 429': { answer: 429 },
  'answers 500': { answer: 500 },
}
