import type { OwnCommand } from '../../systems/command-part.ts'

/** Commands for what only this system has: functions and views for people who work in the SQL editor. */
// prettier-ignore
export const supabaseCommands: readonly OwnCommand[] = [
  { heading: 'Set up and check', name: 'sql', summary: 'install or remove functions and views for SQL editors', load: async () => (await import('./sql.ts')).sqlCommand },
]
