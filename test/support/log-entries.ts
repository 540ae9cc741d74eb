import { randomBytes } from 'node:crypto'
import type { World } from './world.ts'

/** An entry of a log stream: the log, wrapped with its id. */
export interface Entry {
  readonly log_id: string
  readonly data: Readonly<Record<string, unknown>> & { readonly type: string }
}

/** The entries of a person in Auth0's log, optionally of one code, as a stream would deliver them; oldest first. */
export function entriesOf(world: World, identity: string, type?: string): Entry[] {
  return world.auth0
    .logs()
    .filter((log) => log.user_id === identity && (type === undefined || log.type === type))
    .map((log) => ({ log_id: log.log_id, data: { ...log } }))
}

/** An entry of any code, for events that the stand-in never sends. */
export function entry(data: Record<string, unknown> & { type: string }): Entry {
  const log_id = `90020${randomBytes(20).toString('hex')}`
  return { log_id, data: { date: new Date().toISOString(), log_id, ...data } }
}

export const FORMATS = {
  JSONLINES: (entries: readonly unknown[]) => entries.map((one) => JSON.stringify(one)).join('\n'),
  JSONARRAY: (entries: readonly unknown[]) => JSON.stringify(entries),
  JSONOBJECT: (entries: readonly unknown[]) => JSON.stringify({ logs: entries }),
} as const
