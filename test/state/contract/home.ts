import { afterAll, beforeAll } from 'vitest'
import type { ProblemName } from '../../../src/contracts/problems.ts'
import type { System } from '../../../src/contracts/systems.ts'
import type { State } from '../../../src/state/ports.ts'
import type { EncryptedField } from '../../../src/state/ports/sealed-values.ts'

/** A database of its own on a running server, with nothing in it. */
export interface TestDatabase {
  /** The state of a system as a process of its own has it: with connections that no other state uses. */
  open(system: System): Promise<State>
  /** Moves every stored time into the past, as if that many milliseconds had passed. */
  age(ms: number): Promise<void>
  /** Waits until every reader sees all earlier writes: some stores do not wait for that with each write. */
  written(): Promise<void>
  /** The application's values, some of which are sealed, in a collection or table of its own. */
  readonly secrets: {
    readonly field: EncryptedField
    put(id: string, value: string): Promise<void>
    get(id: string): Promise<string | null>
    /** Lists of such values, in another field. */
    readonly list: EncryptedField
    putList(id: string, values: readonly string[]): Promise<void>
  }
  /** Closes every connection, and removes the database. */
  drop(): Promise<void>
}

/** The kind of database for which the contract is run, and a system that keeps its state there. */
export interface Home {
  readonly name: string
  readonly kind: State['kind']
  readonly system: System
  /** Another system in the same database. */
  readonly otherSystem: System
  /** The problem of a server that does not answer. */
  readonly unreachable: ProblemName
  /** The problem of a missing right. */
  readonly denied: ProblemName
  /** The name under which counts and exports show a store of Holdfast. */
  storeName(store: string): string
  create(): Promise<TestDatabase>
  /** The state of a system whose server does not answer. */
  openUnreachable(): State
}

export interface Processes {
  /** Two processes of one system. */
  readonly one: State
  readonly two: State
  /** A process of another system in the same database. */
  readonly other: State
  readonly database: TestDatabase
}

/** Opens a database for the tests of the describe block that calls it. The properties are set once its tests run. */
export function useProcesses(home: Home): Processes {
  const processes = {} as { -readonly [K in keyof Processes]: Processes[K] }
  beforeAll(async () => {
    processes.database = await home.create()
    processes.one = await processes.database.open(home.system)
    processes.two = await processes.database.open(home.system)
    processes.other = await processes.database.open(home.otherSystem)
  })
  afterAll(() => processes.database.drop())
  return processes
}

export const SECOND_MS = 1_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
