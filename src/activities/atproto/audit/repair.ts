import { Context } from '@temporalio/activity'
import type { CodeIndex } from '../../../adapters/mongo/code-index.ts'
import type { Users } from '../../../adapters/mongo/users.ts'
import type { HandleSyncs } from '../../../client/atproto/handle-syncs.ts'
import type { Signups } from '../../../client/signups.ts'
import type { RepairBatches } from '../../../contracts/backfill.ts'
import type { HandleSyncStatus } from '../../../contracts/atproto/handle-sync.ts'
import { shellQuoted } from '../../../contracts/text/shell.ts'
import { gapsOf, type GapRules, type PersonFacts } from '../../../domain/atproto/gap-rules.ts'
import type { AuditAnswers, RepairFault } from '../../audit/answers.ts'
import { lookUpMissing, type LookUpDeps } from './look-up-missing.ts'
import { loadPersonFacts, type PersonFactsOptions } from './person-facts.ts'
import { createGapRules, type GapRulesDeps } from './scan-people.ts'
import type { PersonToRepair } from '../../../state/ports/audit-findings.ts'

const HANDLE_LOOK_MS = 1_000
const HANDLE_LOOKS = 60

export interface AtprotoRepairDeps extends LookUpDeps, GapRulesDeps {
  readonly users: Users
  readonly codeIndex: CodeIndex
  readonly handleSyncs: HandleSyncs
  readonly signups: Signups
}

type Repairs = Pick<
  AuditAnswers,
  'batches' | 'stillLacking' | 'repairInDatabase' | 'startRepair' | 'otherRepair' | 'awaitOtherRepair'
>

/**
 * Repairs by workflow share the PDS, which works on few calls at a time, with live signups: each further one at once
 * makes a backfill a little faster, and every live signup meanwhile slower (`npm run bench -- --only backfill`).
 */
const BATCHES: RepairBatches = { database: 200, removal: 200, workflows: 3, workflowsAtMost: 16 }

/** Repairs by the database, by the person's signup, and by the sync of their handle. */
export function createAtprotoRepairs(deps: AtprotoRepairDeps): Repairs {
  const { users, codeIndex, signups, handleSyncs } = deps
  return {
    batches: BATCHES,

    async stillLacking(auditId, identities, waitOutRateLimits) {
      const rules: GapRules = { ...createGapRules(deps), graceMs: 0 }
      const options: PersonFactsOptions = { auditId, accounts: 'now', waitOutRateLimits }
      const found = await loadPersonFacts(deps, identities, options)
      // After a pause of days the audit's copies have expired: the provider is queried by id.
      const { people } = await lookUpMissing(deps, found, identities.length, options)
      const lacks = (person: PersonFacts): boolean =>
        gapsOf({ ...person, inProgress: false }, rules).some(({ repair }) => repair !== null)
      return new Set(people.filter(lacks).map(({ identity }) => identity))
    },

    async repairInDatabase(people) {
      await users.fillIn(
        people.map(({ identity, since }) => ({ identity, signedUpAt: new Date(since ?? Date.now()) })),
        await codeIndex.ensureUnique(),
      )
      return []
    },

    // The handle sync reports where only the handle is repaired; otherwise the signup does, which may still have to
    // create the account.
    async startRepair({ identity, tenant, repairs }, reportTo) {
      const onlyHandle = repairs.every((repair) => repair === 'handle')
      if (repairs.includes('handle'))
        await handleSyncs.requestSync({ identity, tenant, reportTo: onlyHandle ? reportTo : undefined })
      if (!onlyHandle) await signups.notify({ identity, tenant, hint: 'retry', urgency: 'bulk', reportTo })
    },

    async otherRepair(person) {
      const sync = await handleSyncs.status(person)
      if (sync === null) return 'none'
      if (sync.problem !== null) return { failed: sync.problem }
      if (isRunning(sync)) return 'running'
      return sync.ended === null ? 'none' : { failed: syncEnded(person.identity, sync.ended) }
    },

    async awaitOtherRepair(person) {
      if (!isBoth(person)) return
      for (let look = 0; look < HANDLE_LOOKS; look += 1) {
        const sync = await handleSyncs.status(person)
        if (!isRunning(sync) || sync?.problem !== null) return
        await Context.current().sleep(HANDLE_LOOK_MS)
      }
    },
  }
}

function isBoth({ repairs }: PersonToRepair): boolean {
  return repairs.includes('handle') && repairs.some((repair) => repair !== 'handle')
}

function isRunning(sync: HandleSyncStatus | null): boolean {
  return sync !== null && sync.synced === null && sync.ended === null
}

function syncEnded(identity: string, how: string): RepairFault {
  const sentence = `The sync of the handle was ${how} before it finished.`
  const fix = `To start it again: holdfast sync-handle atproto ${shellQuoted(identity)}`
  return { name: 'sync-ended', sentence, fix }
}
