import type { Db } from 'mongodb'
import { createSafetyLimits, type SafetyLimits } from '../../state/mongo/safety-limits.ts'
import { createCursors, type Cursors } from '../../state/mongo/cursors.ts'
import { createPersonMemory, type PersonMemory } from '../../state/mongo/person-memory.ts'
import { createNotedEvents, type NotedEvents } from '../../state/mongo/events/noted-events.ts'
import { createQuarantine, type Quarantine } from '../../state/mongo/quarantine/quarantine.ts'
import { createSeenEvents, type SeenEvents } from '../../state/mongo/events/seen-events.ts'
import { estimateUsers } from '../../adapters/mongo/application-records.ts'
import { createMissingRecords, type MissingRecords } from '../../adapters/mongo/missing-records.ts'
import { createTombstones } from '../../state/mongo/tombstones.ts'
import type { Signups } from '../../client/signups.ts'
import type { Sections } from '../../config.ts'
import type { TenantName } from '../../config/atproto/tenants.ts'
import { createIdHash, createKeyring } from '../../crypto/keyring.ts'
import type { Logger } from '../../logging.ts'
import { createIntake, type Intake } from '../intake.ts'

/** The intake, and its stores in the database. */
export interface IntakeParts {
  readonly intake: Intake
  readonly quarantine: Quarantine
  readonly cursors: Cursors
  readonly notedEvents: NotedEvents
  readonly seenEvents: SeenEvents
  readonly missingRecords: MissingRecords
  readonly personMemory: PersonMemory
  readonly safetyLimits: SafetyLimits
}

export function connectIntake(options: {
  db: Db
  signups: Pick<Signups, 'notify' | 'requestDeletion' | 'ingest'>
  config: Pick<Sections, 'keys' | 'quarantine'>
  /** All tenants: an event about another tenant's person is refused. */
  tenants: readonly TenantName[]
  logger: Pick<Logger, 'warn'>
}): IntakeParts {
  const { db, signups, config, tenants, logger } = options
  const hash = createIdHash(config.keys.id)
  const parts = {
    quarantine: createQuarantine(db, createKeyring(config.keys.sealing), hash, config.quarantine.keepDays),
    cursors: createCursors(db),
    notedEvents: createNotedEvents(db, 'atproto'),
    seenEvents: createSeenEvents(db, 'atproto'),
    missingRecords: createMissingRecords(db),
    personMemory: createPersonMemory(db),
    safetyLimits: createSafetyLimits(db, 'atproto', { deletions: null, repairs: null }, () =>
      estimateUsers(db),
    ),
  }
  return {
    ...parts,
    intake: createIntake({
      ...parts,
      system: 'atproto',
      tombstones: createTombstones(db, 'atproto', hash),
      signups,
      tenants,
      hash,
      logger,
    }),
  }
}
