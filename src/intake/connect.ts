import type { Db } from 'mongodb'
import { createCursors, type Cursors } from '../adapters/mongo/cursors.ts'
import { createQuarantine, type Quarantine } from '../adapters/mongo/quarantine.ts'
import { createSeenEvents, type SeenEvents } from '../adapters/mongo/seen-events.ts'
import { createStanding, type Standing } from '../adapters/mongo/standing.ts'
import type { Signups } from '../client/signups.ts'
import type { Sections } from '../config.ts'
import { createIdHash, createKeyring } from '../crypto/keyring.ts'
import type { Logger } from '../logging.ts'
import { createIntake, type Intake } from './intake.ts'

/** The door, and what stands behind it in the database. */
export interface IntakeParts {
  readonly intake: Intake
  readonly quarantine: Quarantine
  readonly cursors: Cursors
  readonly seen: SeenEvents
  readonly standing: Standing
}

export function connectIntake(options: {
  db: Db
  signups: Pick<Signups, 'tell' | 'deleted' | 'ingest'>
  config: Pick<Sections, 'keys' | 'quarantine'>
  logger: Pick<Logger, 'warn'>
}): IntakeParts {
  const { db, signups, config, logger } = options
  const hash = createIdHash(config.keys.id)
  const parts = {
    quarantine: createQuarantine(db, createKeyring(config.keys.sealing), hash, config.quarantine.keepDays),
    cursors: createCursors(db),
    seen: createSeenEvents(db),
    standing: createStanding(db),
  }
  return { ...parts, intake: createIntake({ ...parts, signups, hash, logger }) }
}
