import type { Client } from '@temporalio/client'
import { createActionLog } from '../../state/mongo/actions.ts'
import { connectMongo } from '../../adapters/mongo/lib/connect.ts'
import { createWorkerReports } from '../../state/mongo/workers.ts'
import { createRuns, type Runs } from '../../client/runs.ts'
import { createDeletions, type Deletions } from '../../client/deletions.ts'
import { createPersonWorkflows, type PersonWorkflows } from '../../client/person-workflows.ts'
import { createHandleSyncs, type HandleSyncs } from '../../client/atproto/handle-syncs.ts'
import { createSignupReader, type SignupReader } from '../../client/signup-reader.ts'
import { createSignups, type Signups } from '../../client/signups.ts'
import { connectTemporal } from '../../client/temporal.ts'
import { commandEnv, ConfigError, withReadableSecretFiles, type Env } from '../../config.ts'
import {
  loadAtprotoConfig as loadConfig,
  type AtprotoSection as Section,
  type AtprotoSections as Sections,
} from '../../config/atproto/sections.ts'
import { tenantOfIdentity } from '../../config/atproto/tenants.ts'
import { signupWorkflowId } from '../../contracts/ids.ts'
import { containsAddress } from '../../contracts/personal.ts'
import type { NamedPerson, PersonRef, System } from '../../contracts/systems.ts'
import type { WorkerReport } from '../../contracts/workers.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { idDefect } from '../../domain/identity.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { UsageError } from '../../errors.ts'
import { createActionRecorder, type ActionRecorder } from './action-recorder.ts'
import { showRequestedIdentities } from '../format/show-requested-identity.ts'

/** The dependencies of a command. Connections are opened at first use, and closed by `close`. */
export interface CommandContext {
  /** The system that the command is about. */
  readonly system: System
  /** For commands that examine the configuration itself, complete or not; includes the secrets from files. */
  readonly env: Env
  /** The hint for an incomplete environment while no `npm start` runs in the checkout; null elsewhere. */
  readonly withoutStack: string | null
  config<S extends Section>(...sections: S[]): Pick<Sections, S>
  /** The person an identity names; throws when no configured tenant owns it. */
  person(identity: string): PersonRef
  /** The id of a person's signup; sends no request. */
  workflowId(person: PersonRef): string
  /** Throws, for a command that makes changes, where HOLDFAST_MODE forbids them. */
  assertWrites(): void
  /** The record of what a command shows, changes or destroys. */
  readonly acting: ActionRecorder
  /** The same person with their id at the provider. */
  named(identity: string): NamedPerson
  temporal(): Promise<Client>
  signups(): Promise<Signups>
  handleSyncs(): Promise<HandleSyncs>
  deletions(): Promise<Deletions>
  executions(): Promise<PersonWorkflows>
  reader(): Promise<SignupReader>
  runs(): Promise<Runs>
  mongo(): ReturnType<typeof connectMongo>
  /** The reports of the system's workers; null if the database does not answer or is not configured. */
  workerReports(): Promise<WorkerReport[] | null>
  close(): Promise<void>
}

const COMING_UP =
  '`npm start` is still starting in this checkout. Try again when it has printed the addresses of its servers, or use --use-env for the servers named in the environment of this shell.'

/** An installed package is compiled, and has no `npm start`. */
const IN_CHECKOUT = import.meta.url.endsWith('.ts')
const WITHOUT_STACK =
  '`npm start` is not running in this checkout. While it runs, commands find its servers automatically; to use other servers, set these variables (see .env.example).'

export function openContext(system: System, { useEnv }: { useEnv: boolean }): CommandContext {
  const { env: given, from } = commandEnv(useEnv)
  if (from === 'coming up') throw new UsageError(COMING_UP)
  const env = withReadableSecretFiles(given)
  let temporal: Promise<Client> | null = null
  const asked = new Map<string, string>()
  let mongo: ReturnType<typeof connectMongo> | null = null
  let reports: Promise<WorkerReport[] | null> | null = null
  const client = (): Promise<Client> => (temporal ??= connectTemporal(loadConfig(['temporal', 'keys'], env)))
  const hash = (identity: string): string => createIdHash(loadConfig(['keys'], env).keys.id)(identity)

  const mongoOnce = (): ReturnType<typeof connectMongo> =>
    (mongo ??= connectMongo(loadConfig(['mongo'], env).mongo))

  // Without the reports the commands show less; a command that needs the database reports its outage itself.
  const readReports = async (): Promise<WorkerReport[] | null> => {
    try {
      return await createWorkerReports(mongoOnce().db, system).list()
    } catch (error) {
      if (error instanceof OutsideError || error instanceof ConfigError) return null
      throw error
    }
  }
  // Read once per command, since an unavailable database costs its time-out.
  const workerReports = (): Promise<WorkerReport[] | null> => (reports ??= readReports())

  const named = (identity: string): NamedPerson => {
    const tenant = tenantOfIdentity(loadConfig(['tenantNames'], env).tenantNames, identity)
    if (tenant === undefined) {
      throw new UsageError(
        `No configured tenant owns '${identity}'. Give the identity as the application stores it, such as 'auth0|…'.`,
      )
    }
    const userId = identity.slice(tenant.idPrefix.length)
    const wrong = idDefect(userId)
    if (wrong !== null)
      throw new UsageError(`${JSON.stringify(identity)} is not an identity: its id at the provider ${wrong}.`)
    if (containsAddress(identity)) asked.set(hash(identity), identity)
    return { tenant: tenant.name, identity, userId }
  }

  return {
    system,
    env,
    withoutStack: from === 'shell' && IN_CHECKOUT ? WITHOUT_STACK : null,
    config: (...sections) => loadConfig(sections, env),
    named,
    person(identity) {
      const { tenant } = named(identity)
      return { tenant, identity }
    },
    workflowId: ({ tenant, identity }) => signupWorkflowId(system, tenant, identity, hash),
    assertWrites() {
      if (loadConfig(['mode'], env).mode !== 'observe') return
      throw new UsageError(
        'Refused: HOLDFAST_MODE=observe, so Holdfast only reads. To make changes, unset it.',
      )
    },
    temporal: client,
    signups: async () => createSignups(await client(), system, hash),
    reader: async () =>
      showRequestedIdentities(createSignupReader(await client(), system, { reports: workerReports }), asked),
    handleSyncs: async () => createHandleSyncs(await client(), hash),
    deletions: async () => createDeletions(await client(), system, hash),
    executions: async () => createPersonWorkflows(await client(), system, hash),
    runs: async () => createRuns(await client()),
    acting: createActionRecorder(system, {
      actions: () => createActionLog(mongoOnce().db),
      configured: () => loadConfig(['caller'], env).caller,
      hash,
    }),
    mongo: mongoOnce,
    workerReports,
    async close() {
      await mongo?.client.close()
      // The error of a failed connection was reported where it was used; there is no connection to close.
      const connected = temporal === null ? null : await temporal.catch(() => null)
      await connected?.connection.close()
    },
  }
}
