import type { OnePerson } from '../one-person.ts'
import { createCodeNotices } from './current-notices.ts'
import { currentRecords } from './current-records.ts'
import { look } from './look.ts'
import { resolvePerson } from './resolve.ts'
import { loadSdks } from './sources.ts'

/** The answers of Auth0, MongoDB and the PDS about one person. The SDKs take longest to load: only what needs them does. */
export const atprotoPerson: OnePerson = {
  ready: loadSdks,
  resolve: resolvePerson,
  look,
  atProvider: async (...asked) => (await import('./provider.ts')).atProvider(...asked),
  currentNotices: createCodeNotices,
  currentRecords,
  withEmails: async (...asked) => (await import('./provider.ts')).withEmails(...asked),
  records: async (...asked) => (await import('./documents.ts')).records(...asked),
  outside: async (...asked) => (await import('./documents.ts')).outside(...asked),
}
