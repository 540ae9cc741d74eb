/**
 * Temporal's priority keys, lower first. Somebody who waits in front of a screen goes before what was found afterwards,
 * on every queue: a signup's steps inherit its key.
 */
export const PRIORITY = { live: 1, bulk: 5 } as const
export type Urgency = keyof typeof PRIORITY
