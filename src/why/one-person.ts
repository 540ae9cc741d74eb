import type { Env } from '../config.ts'
import type { PersonRow } from '../contracts/audit.ts'
import type { Finding } from '../contracts/gaps.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import type { Stage } from '../contracts/stages.ts'
import type { PersonRef, System } from '../contracts/systems.ts'
import type { StoreAnswer } from '../contracts/why.ts'
import type { DeletionState } from './deletion.ts'
import type { StoreResult } from './query-store.ts'
import type { OpenState } from '../state/open.ts'
import type { PersonRecords } from '../state/ports/personal-data.ts'

/** The sources from which a question about one person is answered. A missing configuration affects only the store that needs it. */
export interface PersonContext {
  readonly system: System
  readonly env: Env
  /** The state of the system, with the connection to its database. */
  readonly state: () => Promise<OpenState>
  /** The keyed hash that names a person where their identity may not stand. */
  readonly hash: (identity: string) => string
}

export interface ResolvedPerson {
  /** The identities that the words may mean. */
  readonly matches: readonly string[]
  /** The stores that did not answer, each a sentence. */
  readonly unavailable: readonly string[]
  /** The sentence about what the words name, if it belongs to no known person. */
  readonly unowned?: string
}

/** The answers of a system's stores about one person. */
export interface StoresSeen {
  readonly stores: readonly StoreAnswer[]
  /** Whether the provider knows the person now. */
  readonly atProvider: 'known' | 'unknown' | 'not asked'
  /** The judgement of all stores together, with the signup and the deletion as far as these are known. */
  judge(known: {
    readonly status: SignupStatus | null
    readonly deletion: StoreResult<DeletionState>
  }): PersonJudgement
}

export interface PersonJudgement {
  /** Empty where a store on which a gap depends could not be read. */
  readonly gaps: readonly Finding[]
  /** Null where it depends on a store that could not be read, or for an unknown person. */
  readonly stage: Stage | null
  /** Whether any store knows the person. */
  readonly known: boolean
  /** Whether the person was deleted, and not created again since. */
  readonly deleted: boolean
  readonly notices: readonly string[]
  /** An action for this stage where nothing is wrong; null where none is needed. */
  readonly fix: string | null
}

type Documents = readonly Readonly<Record<string, unknown>>[]

/** The answers of a system about one person. */
export interface OnePerson {
  /** Loads its clients: the time limits of queries count from its end. */
  ready?(): Promise<unknown>
  /** Finds the people whom an operator's words may mean. */
  resolve(words: string, context: PersonContext): Promise<ResolvedPerson>
  /** Queries every store in parallel, each within the time limit of `queryStore`. */
  look(person: PersonRef, context: PersonContext): Promise<StoresSeen>
  /** The person at the provider; null where it knows nobody under this identity. */
  atProvider(identity: string, context: PersonContext): Promise<{ readonly createdAt: Date } | null>
  /** Removes the notices of a signup that are no longer true. */
  currentNotices?(context: PersonContext): (status: SignupStatus) => Promise<SignupStatus>
  /**
   * Completed signups with their present records; unchanged while their store does not answer. `deleted`: the sentences
   * about those that were deleted.
   */
  currentRecords?(
    signups: readonly SignupStatus[],
    context: PersonContext,
    deleted: (identities: readonly string[]) => Promise<ReadonlyMap<string, string>>,
  ): Promise<readonly SignupStatus[]>
  /** The rows of an audit with each person's address at the provider. */
  withEmails?(rows: readonly PersonRow[], context: PersonContext): Promise<PersonRow[]>
  /** The person's records in stores that only this system has. */
  records(context: PersonContext): Promise<PersonRecords>
  /**
   * The query of what outside systems hold about a person, by name; `documents` are those of all stores. Its
   * configuration is read at once.
   */
  outside?(
    context: PersonContext,
  ): Promise<(documents: Readonly<Record<string, Documents>>) => Promise<Readonly<Record<string, unknown>>>>
}
