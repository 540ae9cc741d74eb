import type { Db, Document } from 'mongodb'
import { escapeForId } from '../../contracts/id-escapes.ts'
import type { NamedPerson, System } from '../../contracts/systems.ts'
import type { Keyring } from '../../crypto/keyring.ts'
import { normalizedMention } from '../../domain/events/mentions.ts'
import {
  byNameInAudit,
  byOwnId,
  createPersonalDocuments,
  type CountsByCollection,
  type Owner,
  type PeoplePage,
  type PeoplePageEnd,
  type PersonalCollection,
} from './lib/personal-collections.ts'
import { createQuarantineSearch, type MentionedPerson } from './quarantine/search.ts'

export type {
  CountsByCollection,
  NamedPersonRecord,
  PeoplePage,
  PeoplePageEnd,
} from './lib/personal-collections.ts'

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

/** The data on people that only one system has: the application's records, and what Holdfast keeps for it alone. */
export interface PersonRecords {
  /** Deletes the records that name the person. Safe to repeat: a second call finds nothing. */
  erase(of: Owner, person: NamedPerson): Promise<CountsByCollection>
  /** Counts the records that name the person, by store; stores without any are left out. */
  count(person: NamedPerson): Promise<CountsByCollection>
  /** Every record that names the person, unchanged, by store. */
  read(person: NamedPerson): Promise<Record<string, Document[]>>
  /** A page of all people that records name, store by store, in an order that stays. */
  namedPeople(after: PeoplePageEnd | null, limit: number): Promise<PeoplePage>
  /** Whether the person has any record that makes a deletion necessary: without one they have no account either. */
  hasRecords(identity: string): Promise<boolean>
  /** Further names by which events mention the person, as keyed hashes: their addresses. */
  mentionsOf(person: NamedPerson): Promise<readonly string[]>
}

export interface PersonalData {
  /** Deletes the documents that name the person. Safe to repeat: a second call finds nothing. */
  erase(of: Owner, person: NamedPerson): Promise<CountsByCollection>
  /** Whether any record of the person exists, of the application or of ours; copies and notes do not count. */
  hasRecords(identity: string): Promise<boolean>
  /** Counts the documents that still name the person. */
  count(person: NamedPerson): Promise<CountsByCollection>
  /**
   * The number of quarantined entries that cannot be searched for names: no key opens them, and no hashes were stored.
   */
  countUnreadable(person: NamedPerson): Promise<number>
  /**
   * A page of all people that documents name, collection by collection, without the copies of audits, which expire.
   * `next` is null after the last page.
   */
  namedPeople(after: PeoplePageEnd | null, limit: number): Promise<PeoplePage>
  /** Every document that names the person, unchanged; quarantined entries are decrypted. */
  read(person: NamedPerson): Promise<Record<string, Document[]>>
}

export function createPersonalData(
  db: Db,
  system: System,
  keyring: Keyring,
  hash: (value: string) => string,
  records: PersonRecords,
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
