/** The tables of sql/state/002: audits, alerts, quarantine and what else belongs to them. */
// eslint-disable-next-line typescript/no-empty-object-type
export interface AuditTables {}
