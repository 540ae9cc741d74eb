import type { ProbeReport, RehearsalStep } from '../contracts/checks.ts'
import type { Env } from '../config.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

/** Records that are counted by one query; where it fails, none of these is known. */
export interface CountedRecords {
  /** The subject of the sentence that they could not be counted. */
  readonly of: string
  readonly names: readonly string[]
  count(): Promise<Readonly<Record<string, number | null>>>
}

export interface ProbeOptions {
  readonly tenant: string
  /** The domain of the test identity's address. Nothing is sent there. */
  readonly emailDomain: string
  readonly limitMs?: number
  readonly onStep?: (name: string) => void
}

/** Whether a system is set up correctly, and what its stores contain. */
export interface SystemChecks {
  /**
   * Reads every variable that worker, server and commands of the system read beside the general ones, and returns facts
   * about them. Throws a `ConfigError` that names all that is wrong.
   */
  readEnvironment(env: Env): readonly string[]
  /** The checks beside those of every system. `probe`: of what a probe needs, too. */
  checks(context: CheckContext, options: { readonly probe: boolean }): readonly Check[]
  counts(context: CheckContext): readonly CountedRecords[]
  /** Whether an identity is one of a probe, which appears in no figure. */
  isProbe?(identity: string): boolean
  /** Creates one marked identity at the provider, follows it to its last record, and deletes it everywhere. */
  probe?(context: CheckContext, options: ProbeOptions): Promise<ProbeReport>
  /** Plays a signup through the production code, in a transaction that is rolled back: once for each of these. */
  rehearsals?(
    context: CheckContext,
  ): readonly { readonly name: string; run(): Promise<readonly RehearsalStep[]> }[]
}
