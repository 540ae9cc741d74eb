import type { ColumnType, Generated } from 'kysely'
import type { ChannelName } from '../../contracts/alert-channels.ts'
import type { AlertMessage, AlertName } from '../../contracts/alerts.ts'
import type { AuditResult, PersonRow } from '../../contracts/audit.ts'
import type { Gap, RepairMethod } from '../../contracts/gaps.ts'
import type { HistoryEvent, SignupStep } from '../../contracts/history.ts'
import type { Severity } from '../../contracts/severity.ts'
import type { LimitedAction } from '../../domain/safety-limit.ts'
import type { AuditMark } from '../ports/audit-marks.ts'
import type { StoredPlan } from '../ports/plans.ts'
import type { OriginalContent } from '../ports/quarantine.ts'

/** A `jsonb` column: read as its value, written as text. */
type Json<T> = ColumnType<T, string, string>

/** The tables of `sql/state/002-audit.sql`, those of alerts as changed by `005-alert-channels.sql`. */
export interface AuditTables {
  'holdfast.alerts': AlertsTable
  'holdfast.alert_messages': AlertMessagesTable
  'holdfast.audits': AuditsTable
  'holdfast.audit_findings': AuditFindingsTable
  'holdfast.audit_people': AuditPeopleTable
  'holdfast.audit_marks': AuditMarksTable
  'holdfast.plans': PlansTable
  'holdfast.quarantine': QuarantineTable
  'holdfast.quarantine_days': QuarantineDaysTable
  'holdfast.history': HistoryTable
  'holdfast.steps': StepsTable
  'holdfast.limited_actions': LimitedActionsTable
  'holdfast.limit_counters': LimitCountersTable
}

interface AlertsTable {
  system: string
  dedup_key: string
  name: AlertName
  severity: Severity
  title: string
  sentence: string
  fix: string
  count: number
  consequences: Json<readonly string[]>
  people: Json<readonly string[]>
  open: boolean
  since: Date
  opened_at: Date
  last_seen: Date
  seen_by: Json<Readonly<Record<string, string>>>
  repeat_at: Date
  closed_at: Date | null
  leases: Json<Readonly<Record<string, string>>>
  expires_at: Date | null
}

interface AlertMessagesTable {
  system: string
  dedup_key: string
  number: Generated<string>
  id: Generated<string>
  channel: ChannelName
  message: Json<AlertMessage>
  at: Date
  not_before: Date | null
  tries: Generated<number>
  because: string | null
  sent_at: Date | null
  response: string | null
}

interface AuditsTable {
  system: string
  audit: string
  at: string
  of_everybody: boolean
  scope_id: string | null
  scheduled: boolean
  result: Json<Omit<AuditResult, 'findings'>>
  expires_at: Date
}

interface AuditFindingsTable {
  system: string
  audit: string
  identity: string
  kind: Gap
  tenant: string
  since: string | null
  evidence: Json<Readonly<Record<string, string>>>
  repair: RepairMethod | null
  scheduled: boolean
  expires_at: Date
}

interface AuditPeopleTable {
  system: string
  audit: string
  identity: string
  signed_up_at: string
  person: Json<PersonRow>
  expires_at: Date
}

interface AuditMarksTable {
  system: string
  audit: string
  mark: AuditMark
  name: string
  expires_at: Date
}

interface PlansTable {
  system: string
  plan_id: string
  scope_id: string | null
  plan: Json<StoredPlan>
  at: Date
  expires_at: Date
}

interface QuarantineTable {
  system: string
  id: string
  tenant: string
  reason: string
  content: string
  original: Json<OriginalContent> | null
  mentions: string[] | null
  first_seen: Date
  last_seen: Date
  times: number
  expires_at: Date
}

interface QuarantineDaysTable {
  system: string
  tenant: string
  day: string
  entries: number
  bytes: number
  not_stored: number
  expires_at: Date
}

interface HistoryTable {
  system: string
  identity: string
  events: Json<HistoryEvent[]>
}

interface StepsTable {
  system: string
  step: SignupStep
  at: Date
  build: string
}

interface LimitedActionsTable {
  system: string
  kind: LimitedAction
  person: string
  state: 'admitted' | 'held'
  since: Date
  released: boolean
  about: string | null
  expires_at: Date
}

interface LimitCountersTable {
  system: string
  kind: LimitedAction
  minutes: Json<{ at: string; count: number }[]>
  granted: string | null
}
