import type { NamedPerson } from '../../contracts/systems.ts'

/** What the system's provider says of people. */
export interface ProviderPeople {
  /** The person an identity names. Throws a named problem where no tenant owns it. */
  locate(identity: string): NamedPerson
  /** Since when the provider knows the person; null where it does not. */
  createdAt(person: NamedPerson): Promise<Date | null>
}
