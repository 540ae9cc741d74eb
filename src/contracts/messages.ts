import { defineQuery, defineSignal } from '@temporalio/workflow'
import type { AuditProgress } from './audit.ts'
import type { BackfillProgress, RepairReport } from './backfill.ts'
import type { DeletionInput } from './deletion.ts'
import type { Problem } from './problems.ts'
import type { EmailChange, RetryOptions, SignupStatus } from './signup.ts'

/** "The provider says the e-mail is verified": a hint to look it up, never taken as the truth. */
export const emailVerified = defineSignal('emailVerified')
/** "The provider says the e-mail changed": likewise; with the time of the change, where its event says one. */
export const emailChanged = defineSignal<[EmailChange?]>('emailChanged')
/** Ends the wait before the next round of attempts. */
export const retry = defineSignal<[RetryOptions?]>('retry')

/** To a running `deleteUser`: a late step found the tombstone and may have left data. */
export const sweep = defineSignal('sweep')
/** To a running `deleteUser`: the deletion was requested again, with the time that its event says, or by an operator. */
export const requested = defineSignal<[Pick<DeletionInput, 'deletedAt' | 'by'>?]>('requested')
/** To a running `deleteUser`: delete although the provider still knows the person. */
export const forced = defineSignal('forced')
/** To a running `syncHandle`: something changed again. */
export const changed = defineSignal<[RetryOptions?]>('changed')

export const status = defineQuery<SignupStatus>('status')

/** Stops a backfill from starting further repairs; those in flight continue. */
export const pause = defineSignal('pause')
export const resume = defineSignal('resume')
/** To a running backfill: a signup or a `syncHandle` that it started was completed, ended or is blocked. */
export const repaired = defineSignal<RepairReport[]>('repaired')

/** Progress of an audit or a backfill. */
export const progress = defineQuery<AuditProgress | BackfillProgress>('progress')

/** Why a `syncHandle`, `deleteUser`, `watchHandles` or `ingest` is blocked; null while it is not. */
export const problemQuery = defineQuery<Problem | null>('problem')
