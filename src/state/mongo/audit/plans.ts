import { createHash } from 'node:crypto'
import type { Db } from 'mongodb'
import type { AuditScope } from '../../../contracts/audit.ts'
import type { PlanChange, PlanSummary } from '../../../contracts/backfill.ts'
import type { Finding } from '../../../contracts/gaps.ts'
import type { System } from '../../../contracts/systems.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import type { AuditFindings } from '../../ports/audit-findings.ts'
import type { Plans } from '../../ports/plans.ts'

const PLANS = 'holdfast_plans'
const KEEP_MS = 30 * 24 * 3_600_000

interface PlanDocument extends Omit<PlanSummary, 'planId'> {
  _id: string
  system: string
  /** The audit whose repairable findings are the plan's content. */
  audit: string
  scope: AuditScope
  at: Date
  expiresAt: Date
}

/** `holdfast_plans`: the changes that a backfill would make. The only personal data in them is people's ids. */
export function createPlans(db: Db, system: System, findings: AuditFindings): Plans {
  const plans = db.collection<PlanDocument>(PLANS)
  const expire = createExpiry(plans)

  return {
    async make({ planId, audit, scope, population, keep }) {
      const hash = createHash('sha256')
      let people = 0
      let byDatabase = 0
      let skipped = 0
      const skippedKinds: Record<string, number> = {}
      let person = { identity: '', workflow: true }
      const count = (): void => void (byDatabase += person.identity !== '' && !person.workflow ? 1 : 0)
      for await (const finding of findings.iterate(audit)) {
        if (finding.repair === null) {
          skipped += 1
          skippedKinds[finding.kind] = (skippedKinds[finding.kind] ?? 0) + 1
          continue
        }
        hash.update(`${lineOf(finding)}\n`)
        if (finding.identity !== person.identity) {
          count()
          people += 1
          person = { identity: finding.identity, workflow: false }
        }
        if (finding.repair !== 'database') person = { ...person, workflow: true }
      }
      count()
      const summary = { digest: hash.digest('hex'), people, byDatabase, skipped, skippedKinds, population }
      const at = new Date()
      const document = { system, audit, scope, at, ...summary, expiresAt: new Date(at.getTime() + KEEP_MS) }
      if (!keep) return { planId, ...summary }
      await callMongo(PLANS, 'update', async () => {
        await expire()
        await plans.replaceOne({ _id: planId }, document, { upsert: true })
      })
      return { planId, ...summary }
    },

    async load(planId) {
      const found = await callMongo(PLANS, 'find', () => plans.findOne({ _id: planId, system }))
      if (found === null) return null
      const { digest, people, byDatabase, skipped, skippedKinds, population, audit, scope } = found
      const kinds = skippedKinds === undefined ? {} : { skippedKinds }
      return { planId, digest, people, byDatabase, skipped, ...kinds, population, audit, scope }
    },

    async moved(plan, audit, limit) {
      const moves: PlanChange[] = []
      const before = repairable(findings.iterate(plan.audit))
      const now = repairable(findings.iterate(audit))
      let [old, current] = await Promise.all([before.next(), now.next()])
      while (moves.length < limit && !(old.done === true && current.done === true)) {
        const order = compare(old, current)
        if (order < 0 && old.done !== true) moves.push(move(old.value, 'no longer there'))
        else if (order > 0 && current.done !== true) moves.push(move(current.value, 'new'))
        else if (old.done !== true && current.done !== true && lineOf(old.value) !== lineOf(current.value))
          moves.push(move(current.value, 'changed'))
        if (order <= 0) old = await before.next()
        if (order >= 0) current = await now.next()
      }
      return moves
    },
  }
}

type Step = IteratorResult<Finding, undefined>

async function* repairable(findings: AsyncIterable<Finding>): AsyncGenerator<Finding, undefined> {
  for await (const finding of findings) if (finding.repair !== null) yield finding
  return undefined
}

/** Compares in MongoDB's order, by bytes. An iterator that has ended comes last. */
function compare(a: Step, b: Step): number {
  if (a.done === true) return b.done === true ? 0 : 1
  if (b.done === true) return -1
  const key = ({ identity, kind }: Finding): Buffer => Buffer.from(`${identity}\u0000${kind}`)
  return Buffer.compare(key(a.value), key(b.value))
}

function move({ identity, kind }: Finding, what: PlanChange['what']): PlanChange {
  return { identity, kind, what }
}

/** The content of a digest: identity, kind, and evidence in the order of its names. */
function lineOf({ identity, kind, evidence }: Finding): string {
  return JSON.stringify([identity, kind, Object.entries(evidence).toSorted(([a], [b]) => (a < b ? -1 : 1))])
}
