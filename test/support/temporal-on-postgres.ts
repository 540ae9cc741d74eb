import { NoSourceError } from '../../dev/servers/lib/sources.ts'
import { terminalProgress } from '../../dev/servers/lib/progress.ts'
import { startTemporalOnPostgres } from '../../dev/servers/temporal/on-postgres.ts'
import { temporalServerPrograms } from '../../dev/servers/temporal/server-binary.ts'
import type { TemporalServerPrograms } from '../../dev/servers/temporal/server-binary.ts'
import { shellEnv } from '../../src/config.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { atEnd } from './at-end.ts'
import { openWorld, type World } from './world.ts'

const NAMESPACE = 'on-postgres'

/**
 * A world on a Temporal server of its own whose persistence and visibility are on Postgres. Skips the test, with the
 * reason, where that server is not available.
 */
export async function openWorldOnPostgres(skip: (reason: string) => never): Promise<World> {
  const programs = await findPrograms()
  if (programs instanceof NoSourceError) return skip(programs.message)
  const progress = terminalProgress()
  const searchAttributes = SEARCH_ATTRIBUTES
  const temporal = await startTemporalOnPostgres({
    programs,
    namespaces: [NAMESPACE],
    searchAttributes,
    progress,
  })
  atEnd(() => temporal.stop())
  return openWorld({ temporalAddress: temporal.address, namespace: NAMESPACE })
}

/** The error where there are none; one that was named but cannot be used fails the test. */
async function findPrograms(): Promise<TemporalServerPrograms | NoSourceError> {
  const given = shellEnv()['HOLDFAST_TEMPORAL_SERVER']
  const where = given === undefined ? {} : { given }
  try {
    return await temporalServerPrograms({ ...where, progress: terminalProgress() })
  } catch (error) {
    if (error instanceof NoSourceError && given === undefined) return error
    throw error
  }
}
