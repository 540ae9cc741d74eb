import { Context } from '@temporalio/activity'
import pMap from 'p-map'
import type { RepairBy, ToRepair } from '../adapters/mongo/audit-findings.ts'
import type { RepairReport } from '../contracts/backfill.ts'
import { gapsOf, type JudgeRules, type PersonFacts } from '../domain/judge.ts'
import { shellQuoted } from '../domain/shell.ts'
import { confirm } from './atproto-confirm.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { gather, type GatherOptions } from './atproto-gather.ts'
import { rulesOf } from './atproto-scan-people.ts'
import type { FindAndRepairActivities } from './find-and-repair.ts'
import { scanning, type Scan } from './lib/scan-cursor.ts'

/** People a bulk of statements mends. */
const AT_ONCE = 200
const LOOKS_AT_ONCE = 4
const PAGE = 1_000
const HANDLE_LOOK_MS = 1_000
const HANDLE_LOOKS = 60

type Repairs = Pick<
  FindAndRepairActivities,
  'repairInDatabase' | 'startRepairs' | 'lookAtRepairs' | 'verifyRepairs'
>

export function createRepairActivities(deps: AtprotoDeps): Repairs {
  const { findings, users, codeIndex, signups, handleSyncs, signupStatus, running } = deps

  /** Where the handle is all, its own workflow reports; else the signup does, which may have yet to make the account. */
  const setGoing = async ({ identity, tenant, repairs }: ToRepair, reportTo: string): Promise<void> => {
    const onlyHandle = repairs.every((repair) => repair === 'handle')
    if (repairs.includes('handle'))
      await handleSyncs.ask({ identity, tenant, reportTo: onlyHandle ? reportTo : undefined })
    if (!onlyHandle) await signups.tell({ identity, tenant, hint: 'retry', urgency: 'bulk', reportTo })
  }

  /** Where the signup reported, the handle may still be on its way; one that has a problem is not waited for. */
  const handleSettled = async ({ identity, tenant }: ToRepair): Promise<void> => {
    for (let look = 0; look < HANDLE_LOOKS; look += 1) {
      const sync = await handleSyncs.status({ identity, tenant })
      if (sync === null || sync.synced !== null || sync.problem !== null) return
      await Context.current().sleep(HANDLE_LOOK_MS)
    }
  }

  /** What these people still lack, whatever runs for them, as far as Holdfast mends it. */
  const stillLacking = async (
    auditId: string,
    identities: readonly string[],
    patiently: Scan<unknown>['patiently'],
  ): Promise<Set<string>> => {
    const rules: JudgeRules = { ...rulesOf(deps), graceMs: 0 }
    const options: GatherOptions = { auditId, accounts: 'now', patiently }
    const found = await gather(deps, identities, options)
    // After a pause of days the audit's copies are gone: the provider is asked by id.
    const { people } = await confirm(deps, found, identities.length, options)
    const lacks = (person: PersonFacts): boolean =>
      gapsOf({ ...person, inProgress: false }, rules).some(({ repair }) => repair !== null)
    return new Set(people.filter(lacks).map(({ identity }) => identity))
  }

  return {
    async repairInDatabase({ auditId, after }) {
      const people = await findings.toRepair(auditId, 'database', after, AT_ONCE)
      if (people.length > 0) {
        await users.fillIn(
          people.map(({ identity, since }) => ({ identity, signedUpAt: new Date(since ?? Date.now()) })),
          await codeIndex.guard(),
        )
      }
      return {
        people: people.length,
        next: people.length < AT_ONCE ? null : (people.at(-1)?.identity ?? null),
      }
    },

    async startRepairs({ auditId, after, limit, reportTo }) {
      const people = await findings.toRepair(auditId, 'workflow', after, limit)
      await Promise.all(people.map((person) => setGoing(person, reportTo)))
      return people.map(({ identity }) => identity)
    },

    lookAtRepairs: ({ auditId, identities }) =>
      scanning({}, async ({ patiently }) => {
        const lacking = await stillLacking(auditId, identities, patiently)
        const reports = await pMap(
          identities,
          async (identity): Promise<RepairReport | null> => {
            if (!lacking.has(identity)) return done(identity)
            const tenant = deps.ownerOf(identity)?.name ?? '-'
            const workflowId = signups.idOf({ tenant, identity })
            const [status, runs, sync] = await Promise.all([
              signupStatus(workflowId),
              running.has(workflowId),
              handleSyncs.status({ tenant, identity }),
            ])
            if (runs && status !== null && status.problem === null) return null
            if (sync !== null && sync.synced === null && sync.problem === null) return null
            const { sentence, fix, name } = status?.problem ??
              sync?.problem ?? {
                name: status?.stage ?? 'not started',
                sentence: 'The signup ended, and something is still missing.',
                fix: `holdfast status atproto ${shellQuoted(identity)}`,
              }
            return { identity, outcome: 'failed', problem: name, sentence, fix }
          },
          { concurrency: LOOKS_AT_ONCE },
        )
        return reports.filter((report) => report !== null)
      }),

    verifyRepairs: ({ auditId }) =>
      scanning({}, async ({ reached, patiently }) => {
        let verified = 0
        for (const by of ['database', 'workflow'] satisfies RepairBy[]) {
          let after: string | null = null
          let full = true
          while (full) {
            const people: ToRepair[] = await findings.toRepair(auditId, by, after, PAGE)
            await pMap(people.filter(isBoth), handleSettled, { concurrency: LOOKS_AT_ONCE })
            const identities = people.map(({ identity }) => identity)
            verified += people.length - (await stillLacking(auditId, identities, patiently)).size
            after = identities.at(-1) ?? null
            full = people.length === PAGE
            reached({})
          }
        }
        return { verified }
      }),
  }
}

function isBoth({ repairs }: ToRepair): boolean {
  return repairs.includes('handle') && repairs.some((repair) => repair !== 'handle')
}

function done(identity: string): RepairReport {
  return { identity, outcome: 'done', problem: null, sentence: '', fix: '' }
}
