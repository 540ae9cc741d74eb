/**
 * Faults, as JSON under `/_faults` and as `auth0.faults` in process:
 *   GET shows those in force, POST sets the ones named (`null` lifts one), DELETE lifts all.
 *   {"drop":{"count":1,"type":"sv"}}        the next matching logs are never delivered
 *   {"duplicate":{"count":2,"apart":true}}  … are delivered twice, in one delivery or apart
 *   {"delay":{"ms":500}}                    … are delivered that much later; others overtake them
 *   {"reorder":{"count":5}}                 … are held until all are there, then delivered newest first
 *   {"malformed":{"count":1,"raw":"{"}}     the next batches carry a broken entry among the good ones
 *   {"pauseDeliveries":true}                nothing is delivered, everything waits
 *   {"apiError":{"status":429,"count":3,"path":"/api/v2/users","resetSeconds":5}}
 *   {"lostAnswers":{"count":1,"method":"PATCH"}}   the call takes effect, its connection is cut
 *   {"slowAnswers":{"ms":300}} {"listLagMs":60000} {"retentionMs":86400000} {"logsUnordered":true}
 * Without a count a fault stays until lifted; without a type, path or method it is for all.
 */
import { z } from 'zod'

const count = z.int().positive().optional()
const ofLogs = { count, type: z.string().optional() }
const ofCalls = { count, path: z.string().optional(), method: z.string().optional() }

const shapes = {
  drop: z.strictObject(ofLogs),
  duplicate: z.strictObject({ ...ofLogs, apart: z.boolean().optional() }),
  delay: z.strictObject({ ...ofLogs, ms: z.int().nonnegative() }),
  reorder: z.strictObject({ ...ofLogs, count: z.int().min(2) }),
  malformed: z.strictObject({ count, raw: z.string().optional() }),
  pauseDeliveries: z.literal(true),
  apiError: z.strictObject({
    ...ofCalls,
    status: z.union([z.literal(429), z.literal(500), z.literal(503)]),
    resetSeconds: z.int().nonnegative().optional(),
  }),
  lostAnswers: z.strictObject(ofCalls),
  slowAnswers: z.strictObject({ ...ofCalls, ms: z.int().nonnegative() }),
  listLagMs: z.int().nonnegative(),
  retentionMs: z.int().positive(),
  logsUnordered: z.literal(true),
}

export const faultChanges = z.strictObject({
  drop: shapes.drop.nullish(),
  duplicate: shapes.duplicate.nullish(),
  delay: shapes.delay.nullish(),
  reorder: shapes.reorder.nullish(),
  malformed: shapes.malformed.nullish(),
  pauseDeliveries: shapes.pauseDeliveries.nullish(),
  apiError: shapes.apiError.nullish(),
  lostAnswers: shapes.lostAnswers.nullish(),
  slowAnswers: shapes.slowAnswers.nullish(),
  listLagMs: shapes.listLagMs.nullish(),
  retentionMs: shapes.retentionMs.nullish(),
  logsUnordered: shapes.logsUnordered.nullish(),
})

export type FaultChanges = z.infer<typeof faultChanges>
export type FaultSet = { [K in keyof FaultChanges]?: NonNullable<FaultChanges[K]> }
type LogFault = 'drop' | 'duplicate' | 'delay' | 'reorder'
type CallFault = 'apiError' | 'lostAnswers' | 'slowAnswers'

export interface Faults {
  set(changes: FaultChanges): void
  clear(): void
  current(): FaultSet
  /** The fault, if it applies to a log of this type; uses up one of its count. */
  takeForLog<K extends LogFault>(name: K, type: string): FaultSet[K] | undefined
  takeForCall<K extends CallFault>(name: K, method: string, path: string): FaultSet[K] | undefined
  takeForBatch(): FaultSet['malformed'] | undefined
  onChange(listener: () => void): void
}

export function createFaults(): Faults {
  let faults: FaultSet = {}
  const listeners: (() => void)[] = []
  const changed = () => listeners.forEach((listener) => listener())

  function use<K extends LogFault | CallFault | 'malformed'>(name: K): FaultSet[K] | undefined {
    const fault = faults[name]
    if (fault?.count === undefined) return fault
    const { [name]: _used, ...others } = faults
    faults = fault.count > 1 ? { ...faults, [name]: { ...fault, count: fault.count - 1 } } : others
    return fault
  }

  return {
    set(changes) {
      const merged = Object.entries({ ...faults, ...changes }).filter(
        ([, value]) => value !== null && value !== undefined,
      )
      faults = Object.fromEntries(merged) as FaultSet
      changed()
    },
    clear() {
      faults = {}
      changed()
    },
    current: () => faults,
    takeForLog(name, type) {
      const fault = faults[name]
      return fault && (fault.type ?? type) === type ? use(name) : undefined
    },
    takeForCall(name, method, path) {
      const fault = faults[name]
      const meant = fault && (fault.method ?? method) === method && path.startsWith(fault.path ?? '')
      return meant ? use(name) : undefined
    },
    takeForBatch: () => use('malformed'),
    onChange: (listener) => {
      listeners.push(listener)
    },
  }
}
