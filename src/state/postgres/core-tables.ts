import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { Actor } from '../../contracts/actions.ts'

/** The tables of sql/state/001-core.sql, and the one of 004-system-sql.sql. */
export interface CoreTables {
  'holdfast.system_sql': {
    system: string
    version: number
    file: string
    checksum: string
    applied_at: Generated<Date>
  }
  'holdfast.state_version': {
    version: number
    file: string
    checksum: string
    applied_at: Generated<Date>
  }
  'holdfast.pings': { system: string; at: Date }
  'holdfast.actions': {
    line: GeneratedAlways<number>
    action: string
    system: string | null
    at: Generated<Date>
    name: string
    kind: string
    subjects: string[]
    scope: string | null
    reason: string | null
    by: JSONColumnType<Actor>
    expires_at: Generated<Date>
  }
  'holdfast.action_outcomes': {
    line: GeneratedAlways<number>
    action: string
    at: Generated<Date>
    outcome: string
    key_ids: string[]
    count: number
    error: string | null
    expires_at: Generated<Date>
  }
  'holdfast.cursors': {
    system: string
    tenant: string
    places: JSONColumnType<Record<string, string>>
    last_event_at: Date | null
    read_at: Date | null
    caught_up_at: Date | null
    gap_from: Date | null
    gap_to: Date | null
    gap_noticed_at: Date | null
    begun_at: Date | null
  }
  'holdfast.seen_events': { system: string; tenant: string; id: string; expires_at: Generated<Date> }
  'holdfast.event_counts': {
    system: string
    tenant: string
    day: string
    code: string
    count: number
    expires_at: Date
  }
  'holdfast.counted_events': {
    system: string
    tenant: string
    day: string
    code: string
    id: string
    expires_at: Date
  }
  'holdfast.failed_mails': { system: string; identity: string; code: string; at: Date; expires_at: Date }
  'holdfast.ignored': {
    system: string
    identity: string
    tenant: string
    reason: string
    since: Date
    expires_at: Date
  }
  'holdfast.old_deletions': {
    system: string
    identity: string
    tenant: string
    deleted_at: Date
    noted_at: Generated<Date>
    expires_at: Generated<Date>
  }
  'holdfast.tombstones': {
    system: string
    hash: string
    at: Date
    finished_at: Date | null
    by: string | null
    erased: JSONColumnType<Record<string, number>>
    unjudged: Generated<number>
    left_to: Generated<string[]>
  }
  'holdfast.switches': {
    system: string
    work: string
    paused_at: Generated<Date>
    by: string
    reason: string | null
  }
  'holdfast.workers': {
    system: string
    identity: string
    host: string
    pid: number
    build: string
    started_at: Date
    at: Date
    stopped: boolean
    settings: JSONColumnType<Record<string, string>>
    expires_at: Date
  }
}
