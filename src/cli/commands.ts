import type { KnownCommand, OwnCommand } from '../systems/command-part.ts'
import type { ServedSystem } from '../systems/system.ts'
import type { System } from '../contracts/systems.ts'

/** The commands that every system has. Each module is loaded only when its command is run. */
// prettier-ignore
export const COMMANDS: readonly KnownCommand[] = [
  { name: 'signup', summary: "start one person's signup, or join the running one", load: async () => (await import('./commands/signup.ts')).signupCommand },
  { name: 'status', summary: 'show the stage of a signup, why it is blocked, what to do', load: async () => (await import('./commands/status.ts')).statusCommand },
  { name: 'why', summary: 'show everything about one person: cause, stores, fix', load: async () => (await import('./commands/why.ts')).whyCommand },
  { name: 'retry', summary: 'retry the failed step of one person, or of a problem', load: async () => (await import('./commands/retry.ts')).retryCommand },
  { name: 'ignore', summary: 'exclude a person from alerts until a date', load: async () => (await import('./commands/ignore.ts')).ignoreCommand },
  { name: 'list', summary: 'list signups, running ones first', load: async () => (await import('./commands/list.ts')).listCommand },
  { name: 'alerts', summary: 'list open alerts, and since when they are open', load: async () => (await import('./commands/alerts.ts')).alertsCommand },
  { name: 'totals', summary: 'count how signups began, ended and failed, by day or hour', load: async () => (await import('./commands/totals.ts')).totalsCommand },
  { name: 'audit', summary: 'compare all people across all stores, report each gap', load: async () => (await import('./commands/audit.ts')).auditCommand },
  { name: 'backfill', summary: 'repair what can be repaired, and check again', load: async () => (await import('./commands/backfill.ts')).backfillCommand },
  { name: 'catch-up', summary: "read the provider's log to its end", load: async () => (await import('./commands/catch-up.ts')).catchUpCommand },
  { name: 'quarantine', summary: 'show, retry or drop events that could not be read', load: async () => (await import('./commands/quarantine.ts')).quarantineCommand },
  { name: 'check', summary: 'test the live configuration', load: async () => (await import('./commands/check.ts')).checkCommand },
  { name: 'diagnose', summary: 'print one report for an incident', load: async () => (await import('./commands/diagnose.ts')).diagnoseCommand },
  { name: 'workers', summary: 'list the workers, their queues and builds', load: async () => (await import('./commands/workers.ts')).workersCommand },
  { name: 'schedules', summary: 'create, update or list the schedules', load: async () => (await import('./commands/schedules.ts')).schedulesCommand },
  { name: 'state', summary: 'create or update the tables of Holdfast in Postgres', load: async () => (await import('./commands/state.ts')).stateCommand },
  { name: 'pause', summary: 'pause creations and repairs, or deletions', load: async () => (await import('./commands/pause.ts')).pauseCommand },
  { name: 'resume', summary: 'end a pause, and retry what it blocked', load: async () => (await import('./commands/resume.ts')).resumeCommand },
  { name: 'export', summary: 'print all data held on one person', load: async () => (await import('./commands/export.ts')).exportCommand },
  { name: 'delete', summary: 'delete one person from every store', load: async () => (await import('./commands/delete.ts')).deleteCommand },
  { name: 'undelete', summary: 'let a deleted person sign up again', load: async () => (await import('./commands/undelete.ts')).undeleteCommand },
  { name: 'actions', summary: 'list what operators viewed, changed or deleted', load: async () => (await import('./commands/actions.ts')).actionsCommand },
  { name: 'operators', summary: 'create the token of an operator', load: async () => (await import('./commands/operators.ts')).operatorsCommand },
  { name: 'keys', summary: 're-encrypt with the first key, or encrypt plain text', load: async () => (await import('./commands/keys.ts')).keysCommand },
]

/** The commands of all systems in the order and under the headings of the overview. */
const GROUPS = {
  'One person': ['why', 'status', 'signup', 'retry'],
  'All signups': ['list', 'alerts', 'totals', 'ignore', 'pause', 'resume'],
  'Find and repair': ['audit', 'backfill', 'catch-up', 'quarantine'],
  'Delete and export': ['delete', 'undelete', 'export'],
  'Set up and check': ['check', 'diagnose', 'workers', 'schedules', 'state', 'keys', 'operators', 'actions'],
} as const

/** A command below its heading, and the systems that have it. */
export interface ListedCommand extends KnownCommand {
  readonly heading: string
  readonly systems: readonly System[]
}

/**
 * Every command, in the order of the overview: below each heading those of all systems, then those of single ones. A
 * command that several systems have by the same name is loaded from `preferred`, or else from the first of them.
 */
export function listedCommands(systems: readonly ServedSystem[], preferred?: string): ListedCommand[] {
  const all = systems.map(({ name }) => name)
  return Object.entries(GROUPS).flatMap(([heading, names]) => [
    ...names.map((name) => ({ ...sharedCommand(name), heading, systems: all })),
    ...ownCommands(systems, preferred).filter((command) => command.heading === heading),
  ])
}

function ownCommands(systems: readonly ServedSystem[], preferred: string | undefined) {
  const own = systems.flatMap(({ name: system, commands }) =>
    commands.map((command): OwnCommand & { system: System } => ({ ...command, system })),
  )
  return [...Map.groupBy(own, ({ name }) => name).values()].flatMap((same) => {
    const command = same.find(({ system }) => system === preferred) ?? same[0]
    return command === undefined ? [] : [{ ...command, systems: same.map(({ system }) => system) }]
  })
}

function sharedCommand(name: string): KnownCommand {
  const command = COMMANDS.find((known) => known.name === name)
  if (command === undefined) throw new Error(`no command ${name}`)
  return command
}
