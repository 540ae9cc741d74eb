import type { Db } from 'mongodb'
import type { System } from '../../../contracts/systems.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import type { Plans, StoredPlan } from '../../ports/plans.ts'

const COLLECTION = 'holdfast_plans'
const KEEP_MS = 30 * 24 * 3_600_000

interface PlanDocument extends Omit<StoredPlan, 'planId'> {
  _id: string
  system: string
  at: Date
  expiresAt: Date
}

/** `holdfast_plans`. */
export function createPlans(db: Db, system: System): Plans {
  const plans = db.collection<PlanDocument>(COLLECTION)
  const expire = createExpiry(plans)
  return {
    async save({ planId, ...plan }) {
      const at = new Date()
      const document = { ...plan, system, at, expiresAt: new Date(at.getTime() + KEEP_MS) }
      await callMongo(COLLECTION, 'update', async () => {
        await expire()
        await plans.replaceOne({ _id: planId }, document, { upsert: true })
      })
    },

    async load(planId) {
      const found = await callMongo(COLLECTION, 'find', () => plans.findOne({ _id: planId, system }))
      if (found === null) return null
      const { _id, system: _system, at: _at, expiresAt: _expiresAt, ...plan } = found
      return { ...plan, planId: _id }
    },
  }
}
