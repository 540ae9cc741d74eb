import type { UserDocument } from '../src/adapters/mongo/documents.ts'
import { applyStep, ensureSignedUp } from './apply-step.ts'
import { findLeaks } from './check-secrets.ts'
import type { Testbed } from './testbed.ts'
import type { Person, Round } from './people.ts'
import type { Plan } from './plan.ts'
import { quiesce } from './quiesce.ts'

export interface RoundResult {
  readonly people: readonly Person[]
  /** The checks that failed; empty when every check held. */
  readonly violations: readonly string[]
}

let rounds = 0

/** Plays one plan on a testbed, lifts all faults, and compares every store with the history of its people. */
export async function playPlan(testbed: Testbed, plan: Plan): Promise<RoundResult> {
  rounds += 1
  const tag = rounds.toString(36).padStart(3, '0')
  const round: Round = { plan, tag, people: new Map(), deleted: [], usersBackup: [] }
  const everybody = (): Person[] => [...round.people.values(), ...round.deleted]
  testbed.director.startRound(plan.faults, (workflowId) => {
    return everybody().find(({ workflowIds }) => workflowIds.includes(workflowId))?.index ?? null
  })

  for (const step of plan.story) {
    if (step.does !== 'quiesce') await applyStep(testbed, round, step)
    else {
      const complaints = await quiesce(testbed, everybody(), plan)
      if (complaints.length > 0) return { people: everybody(), violations: complaints }
      round.usersBackup = await testbed.db.collection<UserDocument>('users').find().toArray()
    }
  }
  for (const [who, { verifies }] of plan.people.entries()) {
    if (!round.deleted.some(({ index }) => index === who)) ensureSignedUp(testbed, round, who)
    if (verifies && round.people.has(who)) await applyStep(testbed, round, { does: 'verify', who })
  }
  const complaints = await quiesce(testbed, everybody(), plan)
  testbed.director.stop()
  await testbed.outages.recover() // a server may still be recovering from the last fault
  return { people: everybody(), violations: [...complaints, ...(await findLeaks(testbed, everybody()))] }
}
