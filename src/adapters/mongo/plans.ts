import { createHash } from 'node:crypto'
import type { Db } from 'mongodb'
import type { AuditScope } from '../../contracts/audit.ts'
import type { PlanMove, PlanSummary } from '../../contracts/backfill.ts'
import type { Finding } from '../../contracts/gaps.ts'
import type { AuditFindings } from './audit-findings.ts'
import { createExpiry } from './expiry.ts'
import { inMongo } from './errors.ts'

const PLANS = 'holdfast_plans'
const KEEP_MS = 30 * 24 * 3_600_000

interface PlanDocument extends Omit<PlanSummary, 'planId'> {
  _id: string
  system: string
  /** Its content is what this audit found and Holdfast can mend. */
  audit: string
  scope: AuditScope
  at: Date
  expiresAt: Date
}

export interface Plans {
  /** A plan of what an audit found: the same findings always have the same digest. Kept only where asked. */
  make(plan: {
    planId: string
    system: string
    audit: string
    scope: AuditScope
    population: number
    keep: boolean
  }): Promise<PlanSummary>
  load(planId: string): Promise<(PlanSummary & { audit: string; scope: AuditScope }) | null>
  /** How an audit's findings differ from a plan's, the first `limit` of them. */
  moved(plan: { audit: string }, audit: string, limit: number): Promise<PlanMove[]>
}

/** `holdfast_plans`: what a backfill would change. Nothing in it is a person's datum beyond their id. */
export function createPlans(db: Db, findings: AuditFindings): Plans {
  const plans = db.collection<PlanDocument>(PLANS)
  const expire = createExpiry(plans)

  return {
    async make({ planId, system, audit, scope, population, keep }) {
      const hash = createHash('sha256')
      let people = 0
      let byDatabase = 0
      let skipped = 0
      let person = { identity: '', workflow: true }
      const count = (): void => void (byDatabase += person.identity !== '' && !person.workflow ? 1 : 0)
      for await (const finding of findings.each(audit)) {
        if (finding.repair === null) {
          skipped += 1
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
      const summary = { digest: hash.digest('hex'), people, byDatabase, skipped, population }
      const at = new Date()
      const document = { system, audit, scope, at, ...summary, expiresAt: new Date(at.getTime() + KEEP_MS) }
      if (!keep) return { planId, ...summary }
      await inMongo(PLANS, 'update', async () => {
        await expire()
        await plans.replaceOne({ _id: planId }, document, { upsert: true })
      })
      return { planId, ...summary }
    },

    async load(planId) {
      const found = await inMongo(PLANS, 'find', () => plans.findOne({ _id: planId }))
      if (found === null) return null
      const { digest, people, byDatabase, skipped, population, audit, scope } = found
      return { planId, digest, people, byDatabase, skipped, population, audit, scope }
    },

    async moved(plan, audit, limit) {
      const moves: PlanMove[] = []
      const before = repairable(findings.each(plan.audit))
      const now = repairable(findings.each(audit))
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

/** As MongoDB sorts them: by bytes. What has ended comes last. */
function compare(a: Step, b: Step): number {
  if (a.done === true) return b.done === true ? 0 : 1
  if (b.done === true) return -1
  const key = ({ identity, kind }: Finding): Buffer => Buffer.from(`${identity}\u0000${kind}`)
  return Buffer.compare(key(a.value), key(b.value))
}

function move({ identity, kind }: Finding, what: PlanMove['what']): PlanMove {
  return { identity, kind, what }
}

/** What a digest is made of: identity, kind, evidence in the order of its names. */
function lineOf({ identity, kind, evidence }: Finding): string {
  return JSON.stringify([identity, kind, Object.entries(evidence).toSorted(([a], [b]) => (a < b ? -1 : 1))])
}
