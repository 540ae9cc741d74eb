/** The tables of sql/state/001. Each has the column `system`: several systems may share a database. */
// eslint-disable-next-line typescript/no-empty-object-type
export interface CoreTables {}
