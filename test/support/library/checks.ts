import type { SystemChecks } from '../../../src/checks/system-checks.ts'
import { checkFinding } from '../../../src/domain/check-findings.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { libraryUrl } from './config.ts'
import { openLibrary } from './database.ts'

/** Whether the library's database answers, and how many members and cards it has. */
export const libraryChecks: SystemChecks = {
  readEnvironment(env) {
    libraryUrl(env)
    return []
  },
  checks: ({ env, system }) => [
    {
      name: 'library',
      async run() {
        const library = openLibrary(libraryUrl(env))
        try {
          await library.ping()
          return {}
        } catch (error) {
          if (!(error instanceof OutsideError)) throw error
          return { findings: [checkFinding(system, 'library-unreachable', {})] }
        } finally {
          await library.close()
        }
      },
    },
  ],
  counts: ({ env }) => [
    {
      of: 'members and cards',
      names: ['members', 'cards'],
      async count() {
        const library = openLibrary(libraryUrl(env))
        try {
          return { ...(await library.count()) }
        } finally {
          await library.close()
        }
      },
    },
  ],
}
