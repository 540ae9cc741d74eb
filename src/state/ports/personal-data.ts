import type { NamedPerson } from '../../contracts/systems.ts'

/** The owner of the data: the application, or Holdfast. */
export type Owner = 'application' | 'holdfast'

/** Counts by collection, `@handles` as `handles`; collections without documents of the person are left out. */
export type CountsByCollection = Readonly<Record<string, number>>

/** The records of a person as they are stored, by store. */
export type RecordsByStore = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

/** The end of a page of `namedPeople`. */
export interface PeoplePageEnd {
  readonly collection: string
  readonly id: string
}

export interface NamedPersonRecord {
  readonly identity: string
  readonly collection: string
}

export interface PeoplePage {
  readonly people: readonly NamedPersonRecord[]
  /** Null after the last page. */
  readonly next: PeoplePageEnd | null
}

/** The data on people that only one system has: the application's records, and Holdfast's own for this system alone. */
export interface PersonRecords {
  /** Deletes the records that name the person. Safe to repeat: a second call finds nothing. */
  erase(of: Owner, person: NamedPerson): Promise<CountsByCollection>
  /** Counts the records that name the person, by store; stores without any are left out. */
  count(person: NamedPerson): Promise<CountsByCollection>
  /** Every record that names the person, unchanged, by store. */
  read(person: NamedPerson): Promise<RecordsByStore>
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
  read(person: NamedPerson): Promise<RecordsByStore>
}
