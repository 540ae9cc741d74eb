import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Order, Question } from './orders.ts'
import { isOutage, type Fault, type Outage } from './plan.ts'

/** Decides what happens at a call. It counts the calls of everybody, whichever worker makes them. */
export interface Director {
  readonly url: string
  /** Faults of a new round; what is left of the last one's is forgotten. */
  begin(faults: readonly Fault[], whoIs: (workflowId: string) => number | null): void
  /** When something was last let happen, in milliseconds since the epoch; 0 for never. */
  lastStruck(): number
  /** Faults of this round that have not struck yet; that of a worker has when it is dead. */
  pending(): number
  /** To be told when the worker is dead. */
  workerDied(): void
  /** Nothing more happens. */
  rest(): void
  close(): Promise<void>
}

export async function startDirector(options: {
  /** False where it could not strike, because that server is away already. */
  outage: (what: Outage) => Promise<boolean>
  struck: (what: Fault['what']) => void
}): Promise<Director> {
  let pending: Fault[] = []
  let whoIs: (workflowId: string) => number | null = () => null
  const calls = new Map<string, number>()
  let lastStruck = 0
  let dying = 0

  async function decide({ workflowId, call }: Question): Promise<Order> {
    const who = workflowId === null ? null : whoIs(workflowId)
    if (who === null) return {}
    const key = `${who} ${call}`
    const nth = (calls.get(key) ?? 0) + 1
    calls.set(key, nth)
    const due = pending.filter(({ at }) => at.who === who && at.call === call && at.nth === nth)
    pending = pending.filter((fault) => !due.includes(fault))
    let order: Order = {}
    for (const { what } of due) {
      if (isOutage(what) && !(await options.outage(what))) continue
      options.struck(what)
      lastStruck = Date.now()
      if (!isOutage(what)) order = { ...order, ...ORDERS[what] }
    }
    if (order.die !== undefined) dying += 1
    return order
  }

  const server = createServer((request, response) => {
    void (async () => {
      const order = await decide((await json(request)) as Question)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(order))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    begin(faults, people) {
      pending = [...faults]
      whoIs = people
      calls.clear()
    },
    lastStruck: () => lastStruck,
    pending: () => pending.length + dying,
    workerDied: () => void (dying = 0),
    rest() {
      pending = []
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const ORDERS: Readonly<Record<Exclude<Fault['what'], Outage>, Order>> = {
  'worker dies before': { die: 'before' },
  'worker dies after': { die: 'after' },
  'answer is lost': { answer: 'lost' },
  'no answer': { answer: 'none' },
  'answers 429': { answer: 429 },
  'answers 500': { answer: 500 },
}
