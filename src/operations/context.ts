import type { Client } from '@temporalio/client'
import type { Runs } from '../client/runs.ts'
import type { SignupReader } from '../client/signup-reader.ts'
import type { Signups } from '../client/signups.ts'
import type { Env } from '../config.ts'
import type { System } from '../contracts/systems.ts'
import type { OpenState } from '../state/open.ts'
import type { State } from '../state/ports.ts'
import type { ServedSystem } from '../systems/system.ts'
import type { PersonContext } from '../why/one-person.ts'

/** The needs of an operation on one system, whether a command or a request asks for it. Opened at first use. */
export interface OperationContext {
  readonly system: System
  /** The system's answers. */
  readonly served: ServedSystem
  readonly env: Env
  /** The keyed hash that names a person where their identity may not stand. */
  hash(identity: string): string
  /** The state of the system, with the connection to its database. */
  opened(): Promise<OpenState>
  state(): Promise<State>
  temporal(): Promise<Client>
  reader(): Promise<SignupReader>
  signups(): Promise<Signups>
  runs(): Promise<Runs>
}

/** The part from which a system answers about one person. */
export function personContext({
  system,
  env,
  hash,
  opened,
}: Pick<OperationContext, 'system' | 'env' | 'hash' | 'opened'>): PersonContext {
  return { system, env, hash, state: opened }
}
