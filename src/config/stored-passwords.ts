import type { Env } from './read.ts'

/** How passwords are stored in the application's records, for a system that creates any. */
export interface StoredPasswords {
  /** Null where the environment does not say. Throws `ConfigError`. */
  storage(env: Env): 'plain' | 'sealed' | null
  /** The finding of a `ConfigError` where the environment does not say. */
  readonly unknown: string
  /** The sentence that stored passwords were left in plain text. */
  readonly left: string
}
