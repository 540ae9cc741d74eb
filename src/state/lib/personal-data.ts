import type { NamedPerson } from '../../contracts/systems.ts'
import { normalizedMention } from '../../domain/events/mentions.ts'
import type { PersonalDataOptions } from '../ports.ts'
import type {
  CountsByCollection,
  Owner,
  PeoplePage,
  PeoplePageEnd,
  PersonalData,
  RecordsByStore,
} from '../ports/personal-data.ts'
import type { MentionedPerson } from './quarantined-entries.ts'

/** The stores that every system has, with records that name a person. */
export interface OwnRecords {
  readonly stores: readonly string[]
  erase(of: Owner, person: NamedPerson): Promise<CountsByCollection>
  count(person: NamedPerson): Promise<CountsByCollection>
  read(person: NamedPerson): Promise<RecordsByStore>
  namedPeople(after: PeoplePageEnd | null, limit: number): Promise<PeoplePage>
}

/** The quarantined entries that name a person. */
export interface QuarantinedRecords {
  readonly store: string
  find(person: MentionedPerson): Promise<{ matching: RecordsByStore[string]; unreadable: number }>
  /** Returns how many were deleted. */
  remove(person: MentionedPerson): Promise<number>
}

/** The personal data in either database: of the system, of every system, and in quarantined entries. */
export function combinePersonalData(
  ours: OwnRecords,
  quarantine: QuarantinedRecords,
  { hash, records }: Pick<PersonalDataOptions, 'hash' | 'records'>,
): PersonalData {
  /** The names by which quarantined entries mention the person. */
  const withMentions = async (person: NamedPerson): Promise<MentionedPerson> => {
    const names = [person.userId, person.identity].map((name) => hash(normalizedMention(name)))
    return { ...person, mentions: [...new Set([...names, ...(await records.mentionsOf(person))])] }
  }

  const quarantined = (count: number): CountsByCollection =>
    count === 0 ? {} : { [quarantine.store]: count }

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
      const isOurs = after !== null && ours.stores.includes(after.collection)
      if (isOurs) return ours.namedPeople(after, limit)
      const page = await records.namedPeople(after, limit)
      const [first] = ours.stores
      const following = first === undefined ? null : { collection: first, id: '' }
      return { people: page.people, next: page.next ?? following }
    },

    async read(person) {
      const { matching } = await quarantine.find(await withMentions(person))
      return {
        ...(await records.read(person)),
        ...(await ours.read(person)),
        [quarantine.store]: matching,
      }
    },
  }
}
