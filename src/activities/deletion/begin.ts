import type { DeletionBegun, DeletionInput } from '../../contracts/deletion.ts'
import type { NamedPerson } from '../../contracts/systems.ts'
import { decideDeletion } from '../../domain/deletion.ts'
import { clampedDate } from '../../domain/external-date.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { PersonWorkflows } from '../../client/person-workflows.ts'
import type { DeletionAnswers } from './answers.ts'
import type { Cursors } from '../../state/ports/cursors.ts'
import type { OldDeletions } from '../../state/ports/old-deletions.ts'
import type { PersonalData } from '../../state/ports/personal-data.ts'
import type { SafetyLimits } from '../../state/ports/safety-limits.ts'
import type { Switches } from '../../state/ports/switches.ts'
import type { Tombstones } from '../../state/ports/tombstones.ts'

export interface BeginDeletionDeps extends Omit<DeletionAnswers, 'personalData'> {
  readonly tombstones: Tombstones
  readonly oldDeletions: OldDeletions
  readonly cursors: Cursors
  readonly personalData: Pick<PersonalData, 'hasRecords' | 'count' | 'countUnreadable'>
  readonly personWorkflows: Pick<PersonWorkflows, 'exist'>
  readonly safetyLimits: SafetyLimits
  readonly switches: Pick<Switches, 'assertNotPaused'>
  readonly addressHash: (identity: string) => string
}

/**
 * Decides whether a deletion continues, and if so writes the tombstone. Throws `deletions-paused` while an operator
 * pauses deletions, and `deletions-held` where the safety limit holds it: nothing is changed then. A deletion that an
 * event requests of a person of whom nothing exists ends here, with its tombstone.
 */
export function createBeginDeletion(deps: BeginDeletionDeps) {
  const { provider, tombstones, oldDeletions, cursors, safetyLimits, switches, addressHash } = deps
  const { personalData, personWorkflows } = deps

  /** Whether a deletion would find nothing: forged ones of ids that never existed give the PDS's queue no work. */
  const isUnknown = async (person: NamedPerson): Promise<boolean> =>
    !(await personalData.hasRecords(person.identity)) && // first, since most people have some and the rest takes longer
    !(await personWorkflows.exist(person)) &&
    Object.keys(await personalData.count(person)).length === 0 &&
    (await personalData.countUnreadable(person)) === 0

  return async (input: DeletionInput): Promise<DeletionBegun> => {
    const { identity, deletedAt, force = false, by = 'event', predatesInstall = false } = input
    const named = provider.locate(identity)
    const { tenant } = named
    await switches.assertNotPaused('deletions')
    const before = await tombstones.find(identity)
    // The safety limit does not apply to an operator's deletion of one person, nor to a deletion that was begun and so
    // passed it before.
    const braked = before === null && !force && by === 'event'
    const told = clampedDate(deletedAt, new Date())
    if (braked && !predatesInstall && told !== null && told < (await cursors.servedSince(tenant))) {
      await oldDeletions.record({ identity, tenant, deletedAt: told })
      return { goOn: false, outcome: 'recorded' }
    }
    const person = addressHash(identity)
    if (braked) {
      // Checked first, so that thousands of held deletions cost the provider no calls.
      const since = await safetyLimits.extendHold('deletions', person)
      if (since !== null) throw held(since)
    }

    // Taken before the answer, which may take long: this deletion is not about a person created meanwhile.
    const askedAt = new Date()
    const createdAt = await provider.createdAt(named)
    const recordsCreatedAt = await deps.recordsCreatedAt(identity)
    const judge = (late: boolean) =>
      decideDeletion({
        createdAt,
        tombstone: before,
        deletedAt,
        recordsCreatedAt,
        force,
        old: late,
        now: askedAt,
      })
    let judged = judge(predatesInstall)
    // Of a person without records nothing can be lost: forged deletions of ids that never existed must not use up the
    // limit for real ones. Their tombstone is set all the same, so that late events create nothing.
    if (judged.goOn && braked && (await personalData.hasRecords(identity))) {
      const admission = await safetyLimits.admit('deletions', person)
      if (!admission.admitted) throw held(admission.since, admission.limit)
      judged = judge(predatesInstall || admission.wasHeld)
    }
    if (!judged.goOn) return judged
    if (before === null && !braked) await safetyLimits.removeHold('deletions', person)
    await tombstones.set(identity, judged.at, force ? 'force' : by)
    const begun = judged.at.toISOString()
    // Checked after the tombstone is set: whatever begins from now on finds it. A deletion that was cut short continues.
    const cutShort = before !== null && before.finishedAt === null
    const byEvent = by === 'event' && !force
    if (byEvent && !cutShort && createdAt === null && (await isUnknown(named))) {
      await tombstones.finish(identity, {})
      return { goOn: false, outcome: 'deleted', deletedAt: begun }
    }
    return { goOn: true, deletedAt: begun }
  }
}

function held(since: string, limit?: number): OutsideError {
  return new OutsideError('deletions-held', 'the safety limit blocks this deletion', {
    detail: { since, ...(limit === undefined ? {} : { limit: String(limit) }) },
  })
}
