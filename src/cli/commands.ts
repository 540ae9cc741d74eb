import type { Command } from 'commander'

/** A command as the overview shows it. Its module, with all dependencies, is loaded only when the command is run. */
export interface KnownCommand {
  readonly name: string
  /** The line in the overview; the command's own help has the details. */
  readonly summary: string
  readonly load: () => Promise<() => Command>
}

// prettier-ignore
export const COMMANDS: readonly KnownCommand[] = [
  { name: 'signup', summary: "start one person's signup, or join the running one", load: async () => (await import('./commands/signup.ts')).signupCommand },
  { name: 'status', summary: 'show the stage of a signup, why it is blocked, what to do', load: async () => (await import('./commands/status.ts')).statusCommand },
  { name: 'why', summary: 'show everything about one person: cause, stores, fix', load: async () => (await import('./commands/why.ts')).whyCommand },
  { name: 'verify', summary: 'check the e-mail at the provider, and signal the signup', load: async () => (await import('./commands/verify.ts')).verifyCommand },
  { name: 'retry', summary: 'retry the failed step of one person, or of a problem', load: async () => (await import('./commands/retry.ts')).retryCommand },
  { name: 'resend', summary: 'resend the verification mail, to one or many', load: async () => (await import('./commands/resend.ts')).resendCommand },
  { name: 'sync-handle', summary: "set the account's handle to the chosen one", load: async () => (await import('./commands/sync-handle.ts')).syncHandleCommand },
  { name: 'ignore', summary: 'exclude a person from alerts until a date', load: async () => (await import('./commands/ignore.ts')).ignoreCommand },
  { name: 'list', summary: 'list signups, running ones first', load: async () => (await import('./commands/list.ts')).listCommand },
  { name: 'alerts', summary: 'list open alerts, and since when they are open', load: async () => (await import('./commands/alerts.ts')).alertsCommand },
  { name: 'audit', summary: 'compare all people across all stores, report each gap', load: async () => (await import('./commands/audit.ts')).auditCommand },
  { name: 'backfill', summary: 'repair what can be repaired, and check again', load: async () => (await import('./commands/backfill.ts')).backfillCommand },
  { name: 'catch-up', summary: "read the provider's log to its end", load: async () => (await import('./commands/catch-up.ts')).catchUpCommand },
  { name: 'quarantine', summary: 'show, retry or drop events that could not be read', load: async () => (await import('./commands/quarantine.ts')).quarantineCommand },
  { name: 'check', summary: 'test the live configuration', load: async () => (await import('./commands/check.ts')).checkCommand },
  { name: 'diagnose', summary: 'print one report for an incident', load: async () => (await import('./commands/diagnose.ts')).diagnoseCommand },
  { name: 'workers', summary: 'list the workers, their queues and builds', load: async () => (await import('./commands/workers.ts')).workersCommand },
  { name: 'schedules', summary: 'create, update or list the schedules', load: async () => (await import('./commands/schedules.ts')).schedulesCommand },
  { name: 'pause', summary: 'pause creations and repairs, or deletions', load: async () => (await import('./commands/pause.ts')).pauseCommand },
  { name: 'resume', summary: 'end a pause, and retry what it blocked', load: async () => (await import('./commands/resume.ts')).resumeCommand },
  { name: 'export', summary: 'print all data held on one person', load: async () => (await import('./commands/export.ts')).exportCommand },
  { name: 'delete', summary: 'delete one person from every store', load: async () => (await import('./commands/delete.ts')).deleteCommand },
  { name: 'undelete', summary: 'let a deleted person sign up again', load: async () => (await import('./commands/undelete.ts')).undeleteCommand },
  { name: 'password', summary: "show the password of one person's account (recorded)", load: async () => (await import('./commands/password.ts')).passwordCommand },
  { name: 'passwords', summary: 'renew the passwords of accounts after a leak', load: async () => (await import('./commands/passwords.ts')).passwordsCommand },
  { name: 'actions', summary: 'list what operators viewed, changed or deleted', load: async () => (await import('./commands/actions.ts')).actionsCommand },
  { name: 'operators', summary: 'create the token of an operator', load: async () => (await import('./commands/operators.ts')).operatorsCommand },
  { name: 'keys', summary: 're-encrypt with the first key, or encrypt plain text', load: async () => (await import('./commands/keys.ts')).keysCommand },
]

/** The commands in the order and under the headings of the overview. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'One person:': ['why', 'status', 'signup', 'verify', 'retry', 'resend', 'sync-handle', 'password'],
  'All signups:': ['list', 'alerts', 'ignore', 'pause', 'resume'],
  'Find and repair:': ['audit', 'backfill', 'catch-up', 'quarantine'],
  'Delete and export:': ['delete', 'undelete', 'export'],
  'Set up and check:': [
    'check',
    'diagnose',
    'workers',
    'schedules',
    'keys',
    'passwords',
    'operators',
    'actions',
  ],
}
