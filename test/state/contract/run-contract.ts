import { describe } from 'vitest'
import { actionsContract } from './actions.ts'
import { alertsContract } from './alerts.ts'
import { outboxContract } from './outbox.ts'
import { cursorsContract } from './cursors.ts'
import { eventsContract } from './events.ts'
import { expiryContract } from './expiry.ts'
import { findingsContract } from './findings.ts'
import { auditsContract } from './audits.ts'
import { historyContract } from './history.ts'
import type { Home } from './home.ts'
import { marksAndPlansContract } from './marks-and-plans.ts'
import { outageContract } from './outage.ts'
import { peopleContract } from './ignored-and-old-deletions.ts'
import { personalDataContract } from './personal-data.ts'
import { quarantineContract } from './quarantine.ts'
import { quotaContract } from './quota.ts'
import { safetyLimitsContract } from './safety-limits.ts'
import { sealedValuesContract } from './sealed-values.ts'
import { switchesAndWorkersContract } from './switches-and-workers.ts'
import { tombstonesContract } from './tombstones.ts'
import { totalsContract } from './totals.ts'

const CONTRACTS = [
  actionsContract,
  alertsContract,
  outboxContract,
  auditsContract,
  cursorsContract,
  eventsContract,
  expiryContract,
  findingsContract,
  historyContract,
  marksAndPlansContract,
  outageContract,
  peopleContract,
  personalDataContract,
  quarantineContract,
  quotaContract,
  safetyLimitsContract,
  sealedValuesContract,
  switchesAndWorkersContract,
  tombstonesContract,
  totalsContract,
]

/** Runs the contract of `src/state/ports` on one kind of database, store by store. */
export function runContract(home: Home): void {
  describe(home.name, () => {
    for (const contract of CONTRACTS) contract(home)
  })
}
