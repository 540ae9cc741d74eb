import type { Db } from 'mongodb'
import type { Signups } from '../client/signups.ts'
import type { Sections } from '../config.ts'
import type { System } from '../contracts/systems.ts'
import { createIdHash, createKeyring } from '../crypto/keyring.ts'
import type { Logger } from '../logging.ts'
import { createCursors } from '../state/mongo/cursors.ts'
import { createNotedEvents } from '../state/mongo/events/noted-events.ts'
import { createSeenEvents } from '../state/mongo/events/seen-events.ts'
import { createQuarantine } from '../state/mongo/quarantine/quarantine.ts'
import { createTombstones } from '../state/mongo/tombstones.ts'
import { createIntake, type Intake, type SystemNews } from './intake.ts'
import type { EventReader } from './read-news.ts'
import type { Cursors } from '../state/ports/cursors.ts'
import type { NotedEvents } from '../state/ports/noted-events.ts'
import type { Quarantine } from '../state/ports/quarantine.ts'
import type { SeenEvents } from '../state/ports/seen-events.ts'

/** The intake, and its stores in the database. */
export interface IntakeParts {
  readonly intake: Intake
  readonly quarantine: Quarantine
  readonly cursors: Cursors
  readonly notedEvents: NotedEvents
  readonly seenEvents: SeenEvents
  readonly readEvent: EventReader
}

export interface IntakeConnections {
  readonly db: Db
  readonly signups: Pick<Signups, 'notify' | 'requestDeletion' | 'ingest'>
  readonly config: Pick<Sections, 'keys' | 'quarantine'>
  readonly logger: Pick<Logger, 'warn'>
}

export function connectIntake(
  system: System,
  { db, signups, config, logger }: IntakeConnections,
  newsOf: (cursors: Cursors) => SystemNews,
): IntakeParts {
  const hash = createIdHash(config.keys.id)
  const parts = {
    quarantine: createQuarantine(db, system, {
      keyring: createKeyring(config.keys.sealing),
      hash,
      keepDays: config.quarantine.keepDays,
    }),
    cursors: createCursors(db, system),
    notedEvents: createNotedEvents(db, system),
    seenEvents: createSeenEvents(db, system),
  }
  const tombstones = createTombstones(db, system, hash)
  const news = newsOf(parts.cursors)
  const intake = createIntake({ ...parts, news, tombstones, signups, logger })
  return { ...parts, intake, readEvent: news.readEvent }
}
