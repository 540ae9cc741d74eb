import type { JSONColumnType } from 'kysely'

/** The tables of sql/state/003-totals.sql. */
export interface TotalsTables {
  'holdfast.totals': {
    system: string
    name: string
    key: string
    hour: Date
    count: number
    expires_at: Date
  }
  'holdfast.total_events': {
    system: string
    name: string
    key: string
    hour: Date
    id: string
    expires_at: Date
  }
  'holdfast.gap_totals': {
    system: string
    hour: Date
    at: Date
    gaps: JSONColumnType<{ key: string; count: number }[]>
    expires_at: Date
  }
}
