/**
 * Temporal's priority keys, lower first, on every queue: a workflow's steps inherit its key. `watch` reports outages,
 * so no backlog may delay it. A person who waits in front of a screen goes before people found by audits and catch-ups.
 */
export const PRIORITY = { watch: 1, live: 2, bulk: 5 } as const
export type Urgency = Exclude<keyof typeof PRIORITY, 'watch'>
