import type { Kysely } from 'kysely'
import type { AuditTables } from './audit-tables.ts'
import type { CoreTables } from './core-tables.ts'
import type { TotalsTables } from './totals-tables.ts'

/** The tables of the schema `holdfast`, as sql/state creates them; each name with its schema. */
export interface StateTables extends CoreTables, AuditTables, TotalsTables {}

export type StateDb = Kysely<StateTables>
