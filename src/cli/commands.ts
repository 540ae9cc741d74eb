import type { Command } from 'commander'

/** A command as the overview shows it. Its module, and all it connects with, is loaded when it is the one to run. */
export interface KnownCommand {
  readonly name: string
  /** One line for the overview; the command's own help says more. */
  readonly summary: string
  readonly load: () => Promise<() => Command>
}

// prettier-ignore
export const COMMANDS: readonly KnownCommand[] = [
  { name: 'signup', summary: "start one person's signup, or join the one that runs", load: async () => (await import('./signup.ts')).signupCommand },
  { name: 'verify', summary: 'ask the provider whether the e-mail is verified, and tell the signup', load: async () => (await import('./verify.ts')).verifyCommand },
  { name: 'status', summary: "where one person's signup is, why it stands still, what to do", load: async () => (await import('./status.ts')).statusCommand },
  { name: 'why', summary: 'everything on one person: why, what each store says, what mends it', load: async () => (await import('./why.ts')).whyCommand },
  { name: 'list', summary: 'signups, running ones first', load: async () => (await import('./list.ts')).listCommand },
  { name: 'retry', summary: 'try the failed step again now, for one or for all with one problem', load: async () => (await import('./retry.ts')).retryCommand },
  { name: 'resend', summary: 'send the verification mail again, to one or to many', load: async () => (await import('./resend.ts')).resendCommand },
  { name: 'ignore', summary: 'leave a person out of alerts until a day', load: async () => (await import('./ignore.ts')).ignoreCommand },
  { name: 'alerts', summary: 'what is wrong now, and since when', load: async () => (await import('./alerts.ts')).alertsCommand },
  { name: 'audit', summary: 'compare everybody in every store, name each gap', load: async () => (await import('./audit.ts')).auditCommand },
  { name: 'backfill', summary: 'repair what can be repaired, and look again', load: async () => (await import('./backfill.ts')).backfillCommand },
  { name: 'pause', summary: 'stop creations and repairs; events are still taken in', load: async () => (await import('./pause.ts')).pauseCommand },
  { name: 'resume', summary: 'end a pause: whoever it holds back tries again', load: async () => (await import('./resume.ts')).resumeCommand },
  { name: 'password', summary: "show the password of one person's account, on the record", load: async () => (await import('./password.ts')).passwordCommand },
  { name: 'keys', summary: 'seal everything anew with the first key', load: async () => (await import('./keys.ts')).keysCommand },
  { name: 'sync-handle', summary: "make the account's handle follow the chosen one", load: async () => (await import('./sync-handle.ts')).syncHandleCommand },
  { name: 'quarantine', summary: 'events that could not be read: show, take in again, drop', load: async () => (await import('./quarantine.ts')).quarantineCommand },
  { name: 'check', summary: 'try the live configuration', load: async () => (await import('./check.ts')).checkCommand },
  { name: 'diagnose', summary: 'the one report to paste into an incident', load: async () => (await import('./diagnose.ts')).diagnoseCommand },
  { name: 'export', summary: 'everything held on one person', load: async () => (await import('./export.ts')).exportCommand },
  { name: 'delete', summary: 'take one person out of every store', load: async () => (await import('./delete.ts')).deleteCommand },
  { name: 'catch-up', summary: "read the provider's log to its end", load: async () => (await import('./catch-up.ts')).catchUpCommand },
  { name: 'schedules', summary: 'what runs again and again: create, update, show', load: async () => (await import('./schedules.ts')).schedulesCommand },
]
