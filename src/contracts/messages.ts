import { defineQuery, defineSignal } from '@temporalio/workflow'
import type { Problem } from './problems.ts'
import type { EmailChange, SignupStatus } from './signup.ts'

/** "The provider says the e-mail is verified": a hint to look, never taken as the truth. */
export const emailVerified = defineSignal('emailVerified')
/** "The provider says the e-mail changed": likewise; with the time of the change, where its event says one. */
export const emailChanged = defineSignal<[EmailChange?]>('emailChanged')
/** Ends the wait before the next round of attempts. */
export const retry = defineSignal('retry')

/** To a running `syncHandle`: something changed again. */
export const changed = defineSignal('changed')

export const status = defineQuery<SignupStatus>('status')
/** Why a `syncHandle`, `deleteUser` or `watchHandles` stands still; null while it moves. */
export const trouble = defineQuery<Problem | null>('problem')
