import type { Client } from '@temporalio/client'
import { connectMongo } from '../adapters/mongo/connect.ts'
import { createRuns, type Runs } from '../client/runs.ts'
import { createSignupReader, type SignupReader } from '../client/signup-reader.ts'
import { createSignups, type Signups } from '../client/signups.ts'
import { connectTemporal } from '../client/temporal.ts'
import { commandEnv, loadConfig, type Section, type Sections } from '../config.ts'
import { tenantOfIdentity } from '../config/tenants.ts'
import type { PersonRef } from '../contracts/systems.ts'
import { createIdHash } from '../crypto/keyring.ts'
import { UsageError } from '../entry.ts'

/** What a command works with. Connections are made when first asked for, and ended by `close`. */
export interface CommandContext {
  config<S extends Section>(...sections: S[]): Pick<Sections, S>
  /** The person an identity names; says so when no configured tenant owns it. */
  person(identity: string): PersonRef
  signups(): Promise<Signups>
  reader(): Promise<SignupReader>
  runs(): Promise<Runs>
  mongo(): ReturnType<typeof connectMongo>
  close(): Promise<void>
}

export function openContext({ useEnv }: { useEnv: boolean }): CommandContext {
  const { env } = commandEnv(useEnv)
  let temporal: Promise<Client> | null = null
  let mongo: ReturnType<typeof connectMongo> | null = null
  const client = (): Promise<Client> => (temporal ??= connectTemporal(loadConfig(['temporal', 'keys'], env)))
  const hash = (identity: string): string => createIdHash(loadConfig(['keys'], env).keys.id)(identity)

  return {
    config: (...sections) => loadConfig(sections, env),
    person(identity) {
      const tenant = tenantOfIdentity(loadConfig(['tenantNames'], env).tenantNames, identity)
      if (tenant === undefined) {
        throw new UsageError(
          `No configured tenant owns '${identity}'. Identities are spelled as the application stores them, such as 'auth0|…'.`,
        )
      }
      return { tenant: tenant.name, identity }
    },
    signups: async () => createSignups(await client(), hash),
    reader: async () => createSignupReader(await client()),
    runs: async () => createRuns(await client()),
    mongo() {
      return (mongo ??= connectMongo(loadConfig(['mongo'], env).mongo))
    },
    async close() {
      await mongo?.client.close()
      // A connection that failed has been said where it was asked for; there is nothing of it to end.
      const connected = temporal === null ? null : await temporal.catch(() => null)
      await connected?.connection.close()
    },
  }
}
