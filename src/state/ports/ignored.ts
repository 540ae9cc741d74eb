/** A person who is excluded from alerts and counted separately. Times are ISO 8601. */
export interface IgnoredPerson {
  readonly identity: string
  readonly tenant: string
  readonly reason: string
  readonly since: string
  readonly until: string
}

export interface Ignored {
  /** Ignores a person until that time; a second call sets a new time and a new reason. */
  add(person: { tenant: string; identity: string; until: Date; reason: string }): Promise<void>
  /** False where no person of that id was ignored. */
  drop(identity: string): Promise<boolean>
  /** The people who are ignored now, ordered by the end of that time, the earliest first. */
  list(): Promise<IgnoredPerson[]>
}
