import type { Db } from 'mongodb'
import { escapeForId } from '../../contracts/id-escapes.ts'
import type { System } from '../../contracts/systems.ts'
import {
  byNameInAudit,
  byOwnId,
  createPersonalDocuments,
  type PersonalCollection,
} from './lib/personal-collections.ts'
import type { PersonalDataOptions } from '../ports.ts'
import { combinePersonalData } from '../lib/personal-data.ts'
import { createQuarantineSearch } from './quarantine/search.ts'
import type { PersonalData } from '../ports/personal-data.ts'

/** An audit or a plan of this person alone. */
const asScope: PersonalCollection['filterFor'] = ({ identity }, _documents, { own }) => ({
  'scope.id': identity,
  ...own,
})

/** By the index on audit, identity and kind. */
const byAudit: PersonalCollection['filterFor'] = async ({ identity }, documents, { own }) => ({
  audit: { $in: await documents.distinct('audit') },
  identity,
  ...own,
})

const byIdInAudit = byNameInAudit(({ identity }) => identity)

/**
 * Every collection of every system with a document that names a person. Deletion and export use this list: a new
 * collection is one more line. Those of one system alone are in its `PersonRecords`.
 */
const COLLECTIONS: readonly PersonalCollection[] = [
  { collection: 'holdfast_history', owner: 'holdfast', filterFor: byOwnId },
  { collection: 'holdfast_ignored', owner: 'holdfast', filterFor: byOwnId },
  { collection: 'holdfast_old_deletions', owner: 'holdfast', filterFor: byOwnId },
  { collection: 'holdfast_failed_mails', owner: 'holdfast', filterFor: byOwnId },
  { collection: 'holdfast_audit_findings', owner: 'holdfast', filterFor: byAudit },
  {
    collection: 'holdfast_audit_people',
    owner: 'holdfast',
    filterFor: async (person, documents, system) => ({
      ...(await byIdInAudit(person, documents, system)),
      ...system.own,
    }),
  },
  {
    collection: 'holdfast_audit_marks', // `<audit>/running/<workflow id>`; a hashed id names nobody
    owner: 'holdfast',
    filterFor: byNameInAudit(
      ({ tenant, identity }, { system }) => `running/signup/${system}/${tenant}/${escapeForId(identity)}`,
    ),
  },
  { collection: 'holdfast_audits', owner: 'holdfast', filterFor: asScope },
  { collection: 'holdfast_plans', owner: 'holdfast', filterFor: asScope },
]

/**
 * Collections of Holdfast that name nobody, or that are read in another way (`quarantine/search.ts`). A test compares
 * the lists with all existing collections.
 */
export const IMPERSONAL_COLLECTIONS = [
  'holdfast_tombstones',
  'holdfast_resume_tokens',
  'holdfast_quarantine',
  'holdfast_quarantine_days',
  'holdfast_cursors',
  'holdfast_events',
  'holdfast_switches',
  'holdfast_brakes',
  'holdfast_actions',
  'holdfast_alerts',
  'holdfast_steps',
  'holdfast_workers',
  'holdfast_event_counts',
  'holdfast_totals',
]
export const PERSON_COLLECTIONS: readonly string[] = COLLECTIONS.map(({ collection }) => collection)

export function createPersonalData(
  db: Db,
  system: System,
  { keyring, hash, records }: PersonalDataOptions,
): PersonalData {
  const documents = createPersonalDocuments(db, system, COLLECTIONS, (person) => Promise.resolve(person))
  const quarantine = createQuarantineSearch(db, system, keyring, hash)
  return combinePersonalData(
    { ...documents, stores: PERSON_COLLECTIONS },
    { ...quarantine, store: 'holdfast_quarantine' },
    { hash, records },
  )
}
