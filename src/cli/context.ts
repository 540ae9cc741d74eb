import type { Client } from '@temporalio/client'
import { connectMongo } from '../adapters/mongo/connect.ts'
import { createRuns, type Runs } from '../client/runs.ts'
import type { NamedPerson } from '../adapters/mongo/person-stores.ts'
import { createDeletions, type Deletions } from '../client/deletions.ts'
import { createExecutions, type Executions } from '../client/executions.ts'
import { createHandleSyncs, type HandleSyncs } from '../client/handle-syncs.ts'
import { createSignupReader, type SignupReader } from '../client/signup-reader.ts'
import { createSignups, type Signups } from '../client/signups.ts'
import { connectTemporal } from '../client/temporal.ts'
import { commandEnv, loadConfig, type Env, type Section, type Sections } from '../config.ts'
import { tenantOfIdentity } from '../config/tenants.ts'
import { signupWorkflowId } from '../contracts/ids.ts'
import { holdsAddress } from '../contracts/personal.ts'
import type { PersonRef } from '../contracts/systems.ts'
import { createIdHash } from '../crypto/keyring.ts'
import { UsageError } from '../entry.ts'
import { namedReader } from './named.ts'

/** What a command works with. Connections are made when first asked for, and ended by `close`. */
export interface CommandContext {
  /** For commands that look at the configuration itself, whole or not. */
  readonly env: Env
  config<S extends Section>(...sections: S[]): Pick<Sections, S>
  /** The person an identity names; says so when no configured tenant owns it. */
  person(identity: string): PersonRef
  /** The id of a person's signup; asks nobody. */
  workflowId(person: PersonRef): string
  /** Refuses, for a command that changes something, where HOLDFAST_MODE says that nothing may. */
  assertWrites(): void
  temporal(): Promise<Client>
  /** The same with its id at the provider. */
  named(identity: string): NamedPerson
  temporal(): Promise<Client>
  signups(): Promise<Signups>
  handleSyncs(): Promise<HandleSyncs>
  deletions(): Promise<Deletions>
  executions(): Promise<Executions>
  reader(): Promise<SignupReader>
  runs(): Promise<Runs>
  mongo(): ReturnType<typeof connectMongo>
  close(): Promise<void>
}

const COMING_UP =
  '`npm start` is coming up in this checkout, and its servers are not there yet. Ask again when it has said their addresses; --use-env asks the servers that this shell names.'

export function openContext({ useEnv }: { useEnv: boolean }): CommandContext {
  const { env, from } = commandEnv(useEnv)
  if (from === 'coming up') throw new UsageError(COMING_UP)
  let temporal: Promise<Client> | null = null
  const asked = new Map<string, string>()
  let mongo: ReturnType<typeof connectMongo> | null = null
  const client = (): Promise<Client> => (temporal ??= connectTemporal(loadConfig(['temporal', 'keys'], env)))
  const hash = (identity: string): string => createIdHash(loadConfig(['keys'], env).keys.id)(identity)

  const named = (identity: string): NamedPerson => {
    const tenant = tenantOfIdentity(loadConfig(['tenantNames'], env).tenantNames, identity)
    if (tenant === undefined) {
      throw new UsageError(
        `No configured tenant owns '${identity}'. Identities are spelled as the application stores them, such as 'auth0|…'.`,
      )
    }
    if (holdsAddress(identity)) asked.set(hash(identity), identity)
    return { tenant: tenant.name, identity, userId: identity.slice(tenant.idPrefix.length) }
  }

  return {
    env,
    config: (...sections) => loadConfig(sections, env),
    named,
    person(identity) {
      const { tenant } = named(identity)
      return { tenant, identity }
    },
    workflowId: ({ tenant, identity }) => signupWorkflowId('atproto', tenant, identity, hash),
    assertWrites() {
      if (loadConfig(['mode'], env).mode !== 'observe') return
      throw new UsageError(
        'Refused: HOLDFAST_MODE=observe, in which Holdfast only reads. Unset it where the command is to change something.',
      )
    },
    temporal: client,
    signups: async () => createSignups(await client(), hash),
    reader: async () => namedReader(createSignupReader(await client()), asked),
    handleSyncs: async () => createHandleSyncs(await client(), hash),
    deletions: async () => createDeletions(await client(), hash),
    executions: async () => createExecutions(await client(), hash),
    runs: async () => createRuns(await client()),
    mongo: () => (mongo ??= connectMongo(loadConfig(['mongo'], env).mongo)),
    async close() {
      await mongo?.client.close()
      // A connection that failed has been said where it was asked for; there is nothing of it to end.
      const connected = temporal === null ? null : await temporal.catch(() => null)
      await connected?.connection.close()
    },
  }
}
