import type { Signups } from '../client/signups.ts'
import type { Sections } from '../config.ts'
import { createIdHash, createKeyring } from '../crypto/keyring.ts'
import type { Logger } from '../logging.ts'
import type { OpenState } from '../state/open.ts'
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
  readonly opened: Pick<OpenState, 'state' | 'database'>
  readonly signups: Pick<Signups, 'notify' | 'requestDeletion' | 'ingest'>
  readonly config: Pick<Sections, 'keys' | 'quarantine'>
  readonly logger: Pick<Logger, 'warn'>
}

export function connectIntake(
  { opened: { state }, signups, config, logger }: IntakeConnections,
  newsOf: (cursors: Cursors) => SystemNews,
): IntakeParts {
  const hash = createIdHash(config.keys.id)
  const parts = {
    quarantine: state.quarantine({
      keyring: createKeyring(config.keys.sealing),
      hash,
      keepDays: config.quarantine.keepDays,
    }),
    cursors: state.cursors,
    notedEvents: state.notedEvents,
    seenEvents: state.seenEvents,
  }
  const tombstones = state.tombstones(hash)
  const news = newsOf(parts.cursors)
  const intake = createIntake({ ...parts, news, tombstones, signups, logger })
  return { ...parts, intake, readEvent: news.readEvent }
}
