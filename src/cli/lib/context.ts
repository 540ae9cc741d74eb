import type { Client } from '@temporalio/client'
import { openState, type OpenState } from '../../state/open.ts'
import { sharedState } from '../../systems/shared-state.ts'
import { createRuns, type Runs } from '../../client/runs.ts'
import { createDeletions, type Deletions } from '../../client/deletions.ts'
import { createPersonWorkflows, type PersonWorkflows } from '../../client/person-workflows.ts'
import { createSignupReader } from '../../client/signup-reader.ts'
import { createSignups } from '../../client/signups.ts'
import { connectTemporal } from '../../client/temporal.ts'
import {
  commandEnv,
  ConfigError,
  loadConfig,
  withReadableSecretFiles,
  type Env,
  type Section,
  type Sections,
} from '../../config.ts'
import { signupWorkflowId } from '../../contracts/ids.ts'
import { containsAddress } from '../../contracts/personal.ts'
import { NO_TENANT, type NamedPerson, type PersonRef } from '../../contracts/systems.ts'
import type { WorkerReport } from '../../contracts/workers.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { idDefect } from '../../domain/identity.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { UsageError } from '../../errors.ts'
import type { ServedSystem } from '../../systems/system.ts'
import type { OperationContext } from '../../operations/context.ts'
import { createActionRecorder, type ActionRecorder } from './action-recorder.ts'
import { showRequestedIdentities } from '../format/show-requested-identity.ts'

/** The dependencies of a command that concerns no single system. Opened at first use, and closed by `close`. */
export interface SharedContext {
  /** For commands that examine the configuration itself, complete or not; includes the secrets from files. */
  readonly env: Env
  /** The hint for an incomplete environment while no `npm start` runs in the checkout; null elsewhere. */
  readonly withoutStack: string | null
  config<S extends Section>(...sections: S[]): Pick<Sections, S>
  /** The keyed hash that names a person where their identity may not stand. */
  hash(identity: string): string
  /** Throws, for a command that makes changes, where HOLDFAST_MODE forbids them. */
  assertWrites(): void
  /** Throws where HOLDFAST_REQUIRE_OPERATOR is set and no token of HOLDFAST_OPERATORS identifies the caller. */
  assertOperator(): void
  /** The record of what a command shows, changes or destroys. */
  readonly acting: ActionRecorder
  temporal(): Promise<Client>
  runs(): Promise<Runs>
  close(): Promise<void>
}

/** The dependencies of a command about one system: those of an operation, and those of commands alone. */
export interface CommandContext extends SharedContext, OperationContext {
  /** The names of its tenants; `-` alone where it has none. */
  tenants(): readonly string[]
  /** The person an identity names; throws when no configured tenant owns it. */
  person(identity: string): PersonRef
  /** The same person with their id at the provider. */
  named(identity: string): NamedPerson
  /** The id of a person's signup; sends no request. */
  workflowId(person: PersonRef): string
  deletions(): Promise<Deletions>
  executions(): Promise<PersonWorkflows>
  /** The reports of the system's workers; null if the database does not answer or is not configured. */
  workerReports(): Promise<WorkerReport[] | null>
}

const COMING_UP =
  '`npm start` is still starting in this checkout. Try again when it has printed the addresses of its servers, or use --use-env for the servers named in the environment of this shell.'

/** An installed package is compiled, and has no `npm start`. */
const IN_CHECKOUT = import.meta.url.endsWith('.ts')
const WITHOUT_STACK =
  '`npm start` is not running in this checkout. While it runs, commands find its servers automatically; to use other servers, set these variables (see .env.example).'

interface ContextOptions {
  /** The environment of the shell, even while `npm start` runs in this checkout. */
  readonly useEnv: boolean
}

interface OpenContext {
  readonly shared: SharedContext
  readonly opened: () => Promise<OpenState>
}

export function openSharedContext(options: ContextOptions): SharedContext {
  return openFor(null, options).shared
}

/** For a command about no single system the state is the one that keeps what belongs to none. */
function openFor(served: ServedSystem | null, { useEnv }: ContextOptions): OpenContext {
  const { env: given, from } = commandEnv(useEnv)
  if (from === 'coming up') throw new UsageError(COMING_UP)
  const env = withReadableSecretFiles(given)
  let temporal: Promise<Client> | null = null
  let opening: Promise<OpenState> | null = null
  const client = (): Promise<Client> => (temporal ??= connectTemporal(loadConfig(['temporal', 'keys'], env)))
  const hash = (identity: string): string => createIdHash(loadConfig(['keys'], env).keys.id)(identity)
  const opened = (): Promise<OpenState> =>
    (opening ??= served === null ? sharedState(env) : openState(served.name, served.state.read(env)))

  const shared: SharedContext = {
    env,
    withoutStack: from === 'shell' && IN_CHECKOUT ? WITHOUT_STACK : null,
    config: (...sections) => loadConfig(sections, env),
    hash,
    assertWrites() {
      if (loadConfig(['mode'], env).mode !== 'observe') return
      throw new UsageError(
        'Refused: HOLDFAST_MODE=observe, so Holdfast only reads. To make changes, unset it.',
      )
    },
    assertOperator() {
      if (!loadConfig(['requireOperator'], env).requireOperator) return
      if (loadConfig(['caller'], env).caller !== null) return
      throw new UsageError(
        'Refused: HOLDFAST_REQUIRE_OPERATOR is set, and no operator is identified. Set HOLDFAST_OPERATOR_TOKEN to your token of HOLDFAST_OPERATORS. To create one: holdfast operators new --help',
      )
    },
    acting: createActionRecorder(served?.name ?? null, {
      actions: async () => (await opened()).state.actions,
      configured: () => loadConfig(['caller'], env).caller,
      hash,
    }),
    temporal: client,
    runs: async () => createRuns(await client()),
    async close() {
      // The error of a failed connection was reported where it was used; there is no connection to close.
      await (await opening?.catch(() => null))?.close()
      const connected = temporal === null ? null : await temporal.catch(() => null)
      await connected?.connection.close()
    },
  }
  return { shared, opened }
}

export function openContext(served: ServedSystem, options: ContextOptions): CommandContext {
  const { name: system, people } = served
  const { shared, opened } = openFor(served, options)
  const { env, hash, temporal } = shared
  const asked = new Map<string, string>()
  let reports: Promise<WorkerReport[] | null> | null = null

  // Without the reports the commands show less; a command that needs the database reports its outage itself.
  const readReports = async (): Promise<WorkerReport[] | null> => {
    try {
      return await (await opened()).state.workers.list()
    } catch (error) {
      if (error instanceof OutsideError || error instanceof ConfigError) return null
      throw error
    }
  }
  // Read once per command, since an unavailable database costs its time-out.
  const workerReports = (): Promise<WorkerReport[] | null> => (reports ??= readReports())

  const named = (identity: string): NamedPerson => {
    const located = people.locate(identity, env)
    if (located === null) throw new UsageError(notLocated(served, identity, env))
    const { tenant, userId } = located
    const wrong = idDefect(userId)
    if (wrong !== null)
      throw new UsageError(`${JSON.stringify(identity)} is not an identity: its id at the provider ${wrong}.`)
    if (containsAddress(identity)) asked.set(hash(identity), identity)
    return { tenant, identity, userId }
  }

  return {
    ...shared,
    system,
    served,
    opened,
    state: async () => (await opened()).state,
    tenants: () => people.tenants(env),
    named,
    person(identity) {
      const { tenant } = named(identity)
      return { tenant, identity }
    },
    workflowId: ({ tenant, identity }) => signupWorkflowId(system, tenant, identity, hash),
    signups: async () => createSignups(await temporal(), system, hash),
    reader: async () =>
      showRequestedIdentities(
        createSignupReader(await temporal(), system, { reports: workerReports }),
        asked,
      ),
    deletions: async () => createDeletions(await temporal(), system, hash),
    executions: async () => createPersonWorkflows(await temporal(), system, hash),
    workerReports,
  }
}

function notLocated({ name, people }: ServedSystem, identity: string, env: Env): string {
  const what = people.tenants(env).every((tenant) => tenant === NO_TENANT)
    ? `'${identity}' is not an identity of ${name}.`
    : `No configured tenant owns '${identity}'.`
  return `${what} Give the identity as the application stores it, such as '${people.example.identity}'.`
}
