import type { Db } from 'mongodb'
import { escapeForId } from '../../contracts/id-escapes.ts'
import type { NamedPerson, System } from '../../contracts/systems.ts'
import { normalizedMention } from '../../domain/events/mentions.ts'
import {
  byNameInAudit,
  byOwnId,
  createPersonalDocuments,
  type PersonalCollection,
} from './lib/personal-collections.ts'
import type { PersonalDataOptions } from '../ports.ts'
import type { MentionedPerson } from '../lib/quarantined-entries.ts'
import { createQuarantineSearch } from './quarantine/search.ts'
import type { CountsByCollection, PersonalData } from '../ports/personal-data.ts'

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
]
export const PERSON_COLLECTIONS: readonly string[] = COLLECTIONS.map(({ collection }) => collection)

export function createPersonalData(
  db: Db,
  system: System,
  { keyring, hash, records }: PersonalDataOptions,
): PersonalData {
  const quarantine = createQuarantineSearch(db, system, keyring, hash)
  const ours = createPersonalDocuments(db, system, COLLECTIONS, (person) => Promise.resolve(person))

  /** The names by which quarantined entries mention the person. */
  const withMentions = async (person: NamedPerson): Promise<MentionedPerson> => {
    const names = [person.userId, person.identity].map((name) => hash(normalizedMention(name)))
    return { ...person, mentions: [...new Set([...names, ...(await records.mentionsOf(person))])] }
  }

  const quarantined = (count: number): CountsByCollection =>
    count === 0 ? {} : { holdfast_quarantine: count }

  return {
    async erase(of, person) {
      if (of === 'application') return records.erase(of, person)
      // Runs first: the system's records, by which the entries are found, are deleted with the other documents.
      const entries = quarantined(await quarantine.remove(await withMentions(person)))
      return { ...entries, ...(await records.erase(of, person)), ...(await ours.erase(of, person)) }
    },

    hasRecords: (identity) => records.hasRecords(identity),

    async count(person) {
      const { matching } = await quarantine.find(await withMentions(person))
      return {
        ...quarantined(matching.length),
        ...(await records.count(person)),
        ...(await ours.count(person)),
      }
    },

    countUnreadable: async (person) => (await quarantine.find(await withMentions(person))).unreadable,

    async namedPeople(after, limit) {
      const isOurs = after !== null && PERSON_COLLECTIONS.includes(after.collection)
      if (isOurs) return ours.namedPeople(after, limit)
      const page = await records.namedPeople(after, limit)
      const [first] = PERSON_COLLECTIONS
      const following = first === undefined ? null : { collection: first, id: '' }
      return { people: page.people, next: page.next ?? following }
    },

    async read(person) {
      const { matching } = await quarantine.find(await withMentions(person))
      return {
        ...(await records.read(person)),
        ...(await ours.read(person)),
        holdfast_quarantine: [...matching],
      }
    },
  }
}
