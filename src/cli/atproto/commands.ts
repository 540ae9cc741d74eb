import type { OwnCommand, SetupRepair } from '../../systems/command-part.ts'

/** Commands for what only this system has: a verified e-mail, an account with a password and a handle. */
// prettier-ignore
export const atprotoCommands: readonly OwnCommand[] = [
  { heading: 'One person', name: 'verify', summary: 'check the e-mail at the provider, and signal the signup', load: async () => (await import('./verify.ts')).verifyCommand },
  { heading: 'One person', name: 'resend', summary: 'resend the verification mail, to one or many', load: async () => (await import('./resend.ts')).resendCommand },
  { heading: 'One person', name: 'sync-handle', summary: "set the account's handle to the chosen one", load: async () => (await import('./sync-handle.ts')).syncHandleCommand },
  { heading: 'One person', name: 'password', summary: "show the password of one person's account (recorded)", load: async () => (await import('./password.ts')).passwordCommand },
  { heading: 'Set up and check', name: 'passwords', summary: 'renew the passwords of accounts after a leak', load: async () => (await import('./passwords.ts')).passwordsCommand },
]

export const atprotoRepairs: readonly SetupRepair[] = [
  {
    option: '--fix-index',
    description: 'replace an index on users.code that does not keep codes unique',
    details: [
      {
        option: '--rename',
        description: 'with --fix-index: also replace an index with another name, by code_unique',
      },
    ],
    load: async () => (await import('./fix-index.ts')).fixIndex,
  },
]
