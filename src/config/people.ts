import type { Env } from './read.ts'

/** The tenant and the id at the provider that an identity stands for. */
export interface Located {
  readonly tenant: string
  /** The id at the provider, as its events spell it. */
  readonly userId: string
}

/** Words for help and usage errors. */
export interface PeopleExample {
  /** An identity as the application stores it. */
  readonly identity: string
  /** A tenant; null where the system has none. */
  readonly tenant: string | null
  /** Other words by which `why` finds a person, each as an operator types it, and what they are. */
  readonly words: readonly string[]
  readonly wordsAre: string
  /** A problem that blocks many people at once. */
  readonly problem: string
}

/** The people of a system, as operators name them. Sends no request. */
export interface People {
  readonly example: PeopleExample
  /** Whether the words can be an identity, whichever tenant it belongs to. */
  isIdentity(words: string): boolean
  /** The names of the tenants; `-` alone where the system has none. Throws `ConfigError` where one is malformed. */
  tenants(env: Env): readonly string[]
  /** Null where no tenant owns the identity. Throws `ConfigError`. */
  locate(identity: string, env: Env): Located | null
}
