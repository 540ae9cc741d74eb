import type { ReadSource } from '../../catch-up.ts'
import { createLogReader, type SourceDeps } from './log-page.ts'
import { createUserScan } from './recent-users.ts'

export function createAtprotoSources(deps: SourceDeps): Readonly<Record<string, ReadSource>> {
  return {
    log: createLogReader(deps),
    created: createUserScan('created', deps),
    verified: createUserScan('verified', deps),
  }
}
