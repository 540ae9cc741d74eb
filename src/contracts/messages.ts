import { defineQuery, defineSignal } from '@temporalio/workflow'
import type { AuditProgress } from './audit.ts'
import type { BackfillProgress, RepairReport } from './backfill.ts'
import type { Problem } from './problems.ts'
import type { EmailChange, RetryWish, SignupStatus } from './signup.ts'

/** "The provider says the e-mail is verified": a hint to look, never taken as the truth. */
export const emailVerified = defineSignal('emailVerified')
/** "The provider says the e-mail changed": likewise; with the time of the change, where its event says one. */
export const emailChanged = defineSignal<[EmailChange?]>('emailChanged')
/** Ends the wait before the next round of attempts. */
export const retry = defineSignal<[RetryWish?]>('retry')

/** To a running `deleteUser`: something late met the tombstone, and left a trace. */
export const sweep = defineSignal('sweep')
/** To a running `deleteUser`: delete although the provider still knows the person. */
export const forced = defineSignal('forced')
/** To a running `syncHandle`: something changed again. */
export const changed = defineSignal<[RetryWish?]>('changed')

export const status = defineQuery<SignupStatus>('status')

/** Stops a backfill from setting anybody else going; who is under way goes on. */
export const pause = defineSignal('pause')
export const resume = defineSignal('resume')
/** A signup, or a `syncHandle`, that a backfill started has come to rest. */
export const repaired = defineSignal<RepairReport[]>('repaired')

/** Of an audit, and of a backfill. */
export const progress = defineQuery<AuditProgress | BackfillProgress>('progress')

/** Why a `syncHandle`, `deleteUser`, `watchHandles` or `ingest` stands still; null while it moves. */
export const trouble = defineQuery<Problem | null>('problem')
