import { defineQuery, defineSignal } from '@temporalio/workflow'
import type { SignupStatus } from './signup.ts'

/** "The provider says the e-mail is verified": a hint to look, never taken as the truth. */
export const emailVerified = defineSignal('emailVerified')
/** "The provider says the e-mail changed": likewise. */
export const emailChanged = defineSignal('emailChanged')
/** Ends the wait before the next round of attempts. */
export const retry = defineSignal('retry')

export const status = defineQuery<SignupStatus>('status')
