import { randomUUID } from 'node:crypto'
import type { Db } from 'mongodb'
import type { Action, ActionOutcome, RecordedAction } from '../../contracts/actions.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import type { ActionLog } from '../ports/actions.ts'

const COLLECTION = 'holdfast_actions'
const KEEP_MS = 400 * 24 * 3_600_000

/**
 * Two lines per action, which are only ever inserted: one before the action, one with its outcome. Our role may append
 * and read; deploy/mongo/role.js creates the TTL index, since a role that may create one could have all lines expire.
 */
type Line = {
  readonly action: string
  readonly at: Date
  readonly expiresAt: Date
} & (({ readonly line: 'begun' } & Action) | ({ readonly line: 'ended' } & ActionOutcome))

export function createActionLog(db: Db): ActionLog {
  const lines = db.collection<Line>(COLLECTION)
  const append = (line: Line): Promise<unknown> =>
    callMongo(COLLECTION, 'insert', () => lines.insertOne(line))
  const times = (): { at: Date; expiresAt: Date } => {
    const at = new Date()
    return { at, expiresAt: new Date(at.getTime() + KEEP_MS) }
  }

  return {
    async begin(action) {
      const id = randomUUID()
      await append({ action: id, line: 'begun', ...times(), ...action })
      return id
    },

    async end(id, outcome) {
      await append({ action: id, line: 'ended', ...times(), ...outcome })
    },

    list: ({ system, subject }, limit) =>
      callMongo(COLLECTION, 'find', async () => {
        const begun = await lines
          .find({
            line: 'begun',
            ...(system === undefined ? {} : { system: { $in: [system, null] } }),
            ...(subject === undefined ? {} : { subjects: subject }),
          })
          .sort({ at: -1 })
          .limit(limit)
          .toArray()
        const ended = await lines
          .find({ line: 'ended', action: { $in: begun.map(({ action }) => action) } })
          .sort({ at: 1 })
          .toArray()
        const outcomes = Map.groupBy(ended, ({ action }) => action)
        return begun.flatMap((line) => recorded(line, outcomes.get(line.action) ?? []))
      }),
  }
}

/** All lines are returned: a later one cannot hide an earlier one, nor one with a forged date the real one. */
function recorded(begun: Line, lines: readonly Line[]): RecordedAction[] {
  if (begun.line !== 'begun') return []
  const { action: id, at, system, name, kind, subjects, scope, reason, by } = begun
  const ended = lines.flatMap((line) =>
    line.line === 'ended'
      ? [{ outcome: line.outcome, keyIds: line.keyIds, count: line.count, error: line.error }]
      : [],
  )
  const [{ outcome, keyIds, count, error } = UNKNOWN, ...contradictedBy] = ended
  return [
    {
      id,
      at: at.toISOString(),
      system,
      name,
      kind,
      subjects,
      scope,
      reason,
      by,
      outcome,
      keyIds,
      count,
      error,
      contradictedBy,
    },
  ]
}

const UNKNOWN = { outcome: null, keyIds: [], count: 0, error: null }
