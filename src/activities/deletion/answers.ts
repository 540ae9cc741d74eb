import type { NamedPerson } from '../../contracts/systems.ts'
import type { PersonalData } from '../../state/ports/personal-data.ts'

/** The provider's answers about people. */
export interface ProviderPeople {
  /** The person an identity names. Throws a named problem where no tenant owns it. */
  locate(identity: string): NamedPerson
  /** Since when the provider knows the person; null where it does not. */
  createdAt(person: NamedPerson): Promise<Date | null>
}

/** The answers of a system to a deletion: who the person is, and the data there is on them. */
export interface DeletionAnswers {
  readonly provider: ProviderPeople
  /** Since when the application has records of the person; null where it has none, or they do not say. */
  readonly recordsCreatedAt: (identity: string) => Promise<Date | null>
  readonly personalData: PersonalData
}
